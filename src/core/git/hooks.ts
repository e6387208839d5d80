import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod';
import { readCapped } from '../artifacts/bounded';
import { leadsToAnything } from '../util/files';

/** Maximum length of a hook's output that is searched, in characters: half from the beginning, half from the end. */
const MAX_OUTPUT_READ = 64 * 1024;
/** Maximum length of one line, in characters. */
const MAX_LINE = 4_000;
const MAX_REASON = 300;

/** Functions that find the line with the reason, the most reliable first. Each returns null if it does not apply. */
const REASON_FINDERS: readonly ((lines: readonly string[]) => string | null)[] = [
  interpreter,
  lfsMissing,
  preCommit,
  lintStaged,
  notFound,
  npm,
  uncaughtError,
];

/** Picks the one line from a failed hook's output that says why it failed. */
export function whyHookFailed(output: string): string {
  const cut =
    output.length > MAX_OUTPUT_READ
      ? `${output.slice(0, MAX_OUTPUT_READ / 2)}\n${output.slice(-MAX_OUTPUT_READ / 2)}`
      : output;
  const lines = cut
    .split(/\r\n|\n|\r/u)
    .map((line) => plain(line.slice(0, MAX_LINE)))
    .filter((line) => line.trim() !== '');
  for (const teller of REASON_FINDERS) {
    const line = teller(lines);
    if (line !== null) return shown(line);
  }
  const said = lines.filter((line) => !isNoise(line));
  return shown(said.at(-1) ?? lines.at(-1) ?? 'it printed nothing');
}

/** Removes colours and trailing spaces from a line. */
function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/gu, '').trimEnd();
}

function shown(line: string): string {
  return line
    .trim()
    .replace(/^(?:fatal|error): /u, '')
    .replace(/\s+/gu, ' ')
    .slice(0, MAX_REASON);
}

/** Lines that hook runners, shells and package managers print around the reason. */
const NOISE: readonly RegExp[] = [
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
const isNoise = (line: string): boolean => NOISE.some((pattern) => pattern.test(line));

/** A script's interpreter is missing; in a script from Windows its name ends with a carriage return. */
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

/** The pre-commit framework prints `name....Failed`, details, then the hook's output. */
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
    firstComplaint(said) ??
    (block.some((line) => line.startsWith('- files were modified')) ? 'files were modified by this hook' : null);
  return why === null ? `${name} failed` : `${name}: ${why.trim()}`;
}

/** lint-staged prints a list of tasks, then `✖ task:` and the task's output. */
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
  const why = firstComplaint(lines.slice(at + 1).filter((line) => !isNoise(line)));
  return why === null ? `${task.replace(/:$/u, '')} failed` : `${task} ${why.trim()}`;
}

function notFound(lines: readonly string[]): string | null {
  return lines.find((line) => /(?:: |^)(?:command )?not found(?:: \S+)?$|: not found$/u.test(line)) ?? null;
}

function npm(lines: readonly string[]): string | null {
  const own = lines
    .filter((line) => /^npm (?:ERR!|error) /u.test(line) && !isNoise(line))
    .map((line) => line.replace(/^npm (?:ERR!|error) /u, ''));
  return own[0] ?? null;
}

/** An uncaught error of a Node or Python program: a stack trace surrounds the message. */
function uncaughtError(lines: readonly string[]): string | null {
  if (!lines.some((line) => /^\s+at \S|^Traceback \(most recent call last\)/u.test(line))) return null;
  return (
    lines.find((line) => /^(?:Uncaught )?(?:[A-Z]\w{0,80})?(?:Error|Exception)\b[^:]{0,80}: \S/u.test(line)) ?? null
  );
}

/** The first complaint in a linter's report; otherwise its first line that is not a file name. */
function firstComplaint(lines: readonly string[]): string | null {
  return (
    lines.find((line) => /\berror\b/iu.test(line) && !/^[✖×] \d+ problem/u.test(line)) ??
    lines.find((line) => /\s/u.test(line) || !/[/\\]/u.test(line)) ??
    lines[0] ??
    null
  );
}

/** What git prints when it cannot start an existing program, and what a shell prints when it cannot read a script. */
const CANNOT_START = [
  /^(?:fatal|error): cannot (?:run|exec) '?(.+?)'?: No such file or directory$/mu,
  /^(.+?): (?:line )?\d+: syntax error\b/imu,
] as const;

/**
 * Says why a hook could not run at all. Git and shells do not report that its first line names a missing program, or
 * that it has Windows line endings.
 * @param top the folder that relative names refer to @param output what git printed
 * @returns null if neither is the reason
 */
export async function whyHookCannotRun(top: string, output: string): Promise<string | null> {
  const name = CANNOT_START.map((pattern) => pattern.exec(output)?.[1]).find((found) => found !== undefined);
  const script = name === undefined ? null : await beginning(path.resolve(top, name));
  if (script === null) return null;
  if (script.includes('\r\n'))
    return 'its lines end with a carriage return, as on Windows; save the file with LF line ends';
  const program = /^#!\s*(\S+)/u.exec(script)?.[1];
  if (program === undefined || (await leadsToAnything(program))) return null;
  return `its first line names ${program.slice(0, 200)}, which is not installed; install it, or fix the line`;
}

async function beginning(file: string): Promise<string | null> {
  try {
    if (!(await fs.stat(file)).isFile()) return null;
    const handle = await fs.open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_OUTPUT_READ), 0, MAX_OUTPUT_READ, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

/** Maximum size of a trace file that is read, in bytes; hooks can write to it too. */
const MAX_TRACE_BYTES = 16 * 1024 * 1024;

const EventSchema = z.object({
  event: z.string(),
  sid: z.string(),
  child_id: z.number().optional(),
  hook_name: z.string().optional(),
  code: z.number().optional(),
});

/** @param file what git wrote to GIT_TRACE2_EVENT. @returns the name of the last hook that failed, or null */
export async function failedHook(file: string): Promise<string | null> {
  return failedHookIn((await readCapped(file, MAX_TRACE_BYTES))?.toString('utf8') ?? '');
}

export function failedHookIn(text: string): string | null {
  const hooks = new Map<number, string>();
  let failed: string | null = null;
  for (const line of text.split('\n')) {
    const event = parse(line);
    // Git commands run by a hook write to the same file; their ids begin with ours, followed by a slash.
    if (!event || event.sid.includes('/') || event.child_id === undefined) continue;
    if (event.event === 'child_start' && event.hook_name !== undefined) hooks.set(event.child_id, event.hook_name);
    if (event.event === 'child_exit' && event.code !== 0) failed = hooks.get(event.child_id) ?? failed;
  }
  return failed;
}

function parse(line: string): z.infer<typeof EventSchema> | null {
  try {
    return EventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
