/** Most of a hook's output that is looked through, in characters: its beginning and its end. */
const LOOKED_AT = 64 * 1024;
/** Of one line, in characters. */
const LINE = 4_000;
const MOST_SHOWN = 300;

/**
 * Ways in which programs say which line matters, the surest first. Each gives the line, or null where it does not
 * apply.
 */
const TELLERS: readonly ((lines: readonly string[]) => string | null)[] = [
  interpreter,
  lfsMissing,
  preCommit,
  lintStaged,
  notFound,
  npm,
  thrown,
];

/** What a failed hook printed, as the one line that says why. */
export function whyHookFailed(output: string): string {
  const cut = output.length > LOOKED_AT ? `${output.slice(0, LOOKED_AT / 2)}\n${output.slice(-LOOKED_AT / 2)}` : output;
  const lines = cut
    .split(/\r\n|\n|\r/u)
    .map((line) => plain(line.slice(0, LINE)))
    .filter((line) => line.trim() !== '');
  for (const teller of TELLERS) {
    const line = teller(lines);
    if (line !== null) return shown(line);
  }
  const said = lines.filter((line) => !isAround(line));
  return shown(said.at(-1) ?? lines.at(-1) ?? 'it printed nothing');
}

/** A program's own words, without colours, in one line. */
function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/gu, '').trimEnd();
}

function shown(line: string): string {
  return line
    .trim()
    .replace(/^(?:fatal|error): /u, '')
    .replace(/\s+/gu, ' ')
    .slice(0, MOST_SHOWN);
}

/** What runners of hooks, shells and package managers print around the reason. */
const AROUND: readonly RegExp[] = [
  /^husky - /u,
  /^hint: /u,
  /^\s+at \S/u,
  /use -\[v\]S to pass options/u,
  /^npm (?:ERR!|error) (?:A complete log|\s*\/|code|errno|path|command|syscall|cwd)/u,
  /^error Command failed/u,
  /^info Visit https/u,
  /^\s*ELIFECYCLE/u,
  /^(?:make|gmake)(?:\[\d+\])?: \*\*\* /u,
  /^lefthook/u,
  /^Node\.js v\d/u,
  /^error: hook declined/u,
];
const isAround = (line: string): boolean => AROUND.some((pattern) => pattern.test(line));

/** The interpreter of a script is not there; a script from Windows names one that ends with a carriage return. */
function interpreter(lines: readonly string[]): string | null {
  const line = lines.find(
    (one) =>
      one.includes('bad interpreter') ||
      (/^(?:\/usr\/bin\/)?env: /u.test(one) && one.includes('No such file')) ||
      (one.includes('\\r') && /not found|No such file|syntax error/u.test(one)),
  );
  if (line === undefined) return null;
  return /\\r|\^M/u.test(line) ? `${line.trim()} (a script has Windows line ends; save it with LF)` : line;
}

/** Whether a line says that git-lfs is not installed. */
export function saysLfsMissing(line: string): boolean {
  return (
    line.includes("'lfs' is not a git command") || (line.includes('git-lfs') && /not found|No such file/u.test(line))
  );
}

function lfsMissing(lines: readonly string[]): string | null {
  return lines.find(saysLfsMissing) ?? null;
}

/** The framework pre-commit: `name....Failed`, its details after it, then what the hook printed. */
function preCommit(lines: readonly string[]): string | null {
  const at = lines.findIndex((line) => line.includes('...') && line.endsWith('Failed'));
  if (at < 0) return null;
  const name = (lines[at] ?? '').split('...', 1)[0]?.trim() ?? '';
  const own = lines.slice(at + 1);
  const end = own.findIndex((line) => line.includes('...') && /(?:Passed|Failed|Skipped)$/u.test(line));
  const block = end < 0 ? own : own.slice(0, end);
  const said = block.filter(
    (line) =>
      !/^(?:- (?:hook id|exit code|duration|files were modified by this hook)|\[(?:INFO|WARNING)\] )/u.test(line),
  );
  const why =
    meant(said) ??
    (block.some((line) => line.startsWith('- files were modified')) ? 'files were modified by this hook' : null);
  return why === null ? `${name} failed` : `${name}: ${why.trim()}`;
}

/** lint-staged: a list of tasks, then `✖ task:` and what it printed. */
function lintStaged(lines: readonly string[]): string | null {
  const own = lines.some((line) =>
    /lint-staged|Running tasks for staged files|^\s*[✖×] .*\[(?:FAILED|KILLED|ENOENT)\]/u.test(line),
  );
  if (!own) return null;
  const at = lines.findLastIndex((line) => /^[✖×] .+:$/u.test(line));
  if (at < 0)
    return (
      lines
        .find((line) => /^\s*[✖×] .*(?:\[(?:FAILED|KILLED|ENOENT)\]|not be|failed)/u.test(line))
        ?.replace(/^\s*[✖×] /u, '') ?? null
    );
  const task = (lines[at] ?? '').replace(/^[✖×] /u, '');
  const why = meant(lines.slice(at + 1).filter((line) => !isAround(line)));
  return why === null ? `${task.replace(/:$/u, '')} failed` : `${task} ${why.trim()}`;
}

function notFound(lines: readonly string[]): string | null {
  return lines.find((line) => /(?:: |^)(?:command )?not found(?:: \S+)?$|: not found$/u.test(line)) ?? null;
}

function npm(lines: readonly string[]): string | null {
  const own = lines
    .filter((line) => /^npm (?:ERR!|error) /u.test(line) && !isAround(line))
    .map((line) => line.replace(/^npm (?:ERR!|error) /u, ''));
  return own[0] ?? null;
}

/** A program of node or Python that ended by an error of its own: its stack stands around the sentence. */
function thrown(lines: readonly string[]): string | null {
  if (!lines.some((line) => /^\s+at \S|^Traceback \(most recent call last\)/u.test(line))) return null;
  return (
    lines.find((line) => /^(?:Uncaught )?(?:[A-Z]\w{0,80})?(?:Error|Exception)\b[^:]{0,80}: \S/u.test(line)) ?? null
  );
}

/** Of a linter's report the first complaint, else its first line that is no file's name. */
function meant(lines: readonly string[]): string | null {
  return (
    lines.find((line) => /\berror\b/iu.test(line) && !/^[✖×] \d+ problem/u.test(line)) ??
    lines.find((line) => /\s/u.test(line) || !/[/\\]/u.test(line)) ??
    lines[0] ??
    null
  );
}
