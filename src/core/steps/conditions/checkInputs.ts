import { BY_PROGRAM, covers, SECTIONS } from './protectedFiles';

/** Maximum number of commands followed when scripts start other scripts. */
const MAX_SCRIPTS = 200;

/** What the checks depend on: the files that their commands name, the scripts that they start, and the files read. */
export interface Behind {
  /** Paths of files, as the commands name them. */
  readonly named: ReadonlySet<string>;
  /** Patterns of the files that the programs read. */
  readonly patterns: readonly string[];
  /** Names of the scripts in package.json that the checks run. */
  readonly scripts: ReadonlySet<string>;
  /** The text of all commands and of the scripts that they name. */
  readonly commands: string;
}

/**
 * Determines what the checks depend on.
 * @param commands the checks' commands, split into words
 * @param baseText returns the text of a file before the step; null if there was none
 */
export function behindChecks(
  commands: readonly (readonly string[])[],
  baseText: (path: string) => string | null,
): Behind {
  const packages = scriptsOf(baseText('package.json'));
  const scripts = new Set<string>();
  const lines: string[] = [];
  const waiting = commands.map((words) => words.join(' '));
  for (let line = waiting.shift(); line !== undefined && lines.length < MAX_SCRIPTS; line = waiting.shift()) {
    lines.push(line);
    for (const name of started(line, packages)) {
      if (scripts.has(name)) continue;
      scripts.add(name);
      const command = packages.get(name);
      if (command !== undefined) waiting.push(command);
    }
  }
  const named = new Set(lines.flatMap(pathsIn));
  // A script's text shows which programs it runs. Files named in that text are not followed further.
  const files = [...named, ...(/\b(?:make|just)\b/u.test(lines.join('\n')) ? RECIPES : [])];
  const all = [...lines, ...files.map((file) => baseText(file) ?? '')].join('\n').slice(0, MAX_COMMANDS);
  return {
    named,
    scripts,
    commands: all,
    patterns: BY_PROGRAM.flatMap(([program, patterns]) => (program.test(all) ? patterns : [])),
  };
}

const RECIPES: readonly string[] = ['Makefile', 'makefile', 'GNUmakefile', 'justfile'];
/** Maximum length of all commands together, in UTF-16 units. */
const MAX_COMMANDS = 500_000;

/** Files that are always read to find what the checks depend on, besides those that the commands name. */
export const FIRST_LOOK: readonly string[] = ['package.json', ...RECIPES];

/**
 * Lists the words of a command that are paths of files, or of scripts without an ending. Test files passed to a test
 * runner are left out, because the condition `tests` checks them.
 */
function pathsIn(line: string): readonly string[] {
  const runner = RUNNER.test(line);
  return line
    .split(/[\s"'`;&|()=,]+/u)
    .map((word) => word.replace(/^\.\//u, ''))
    .filter(
      (word) =>
        PATH.test(word) &&
        !word.split('/').includes('..') &&
        !/^\d|^@/u.test(word) &&
        !(runner && TEST_NAME.test(word)),
    );
}

const PATH = /^(?:[\w.@+-]+\/)*[\w.@+-]*[\w-]\.[A-Za-z]\w{0,9}$|^(?:[\w.@+-]+\/)+[\w.@+-]+$/u;
const RUNNER =
  /\b(?:vitest|jest|mocha|ava|tap|pytest|py\.test|rspec|phpunit|playwright|cypress|deno|bun)\b|\s--test\b/u;
const TEST_NAME = /[._-](?:tests?|specs?|cy)\.\w+$|(?:^|\/)test_[^/]+\.py$|(?:^|\/)(?:tests?|specs?)\/?$/u;

const RUNS = /\b(?:npm|pnpm|yarn|bun|npm-run-all|run-s|run-p)\b([^&|;\n]*)/gu;

/** Lists the scripts of package.json that a command starts, with their `pre` and `post` scripts. */
function started(line: string, packages: ReadonlyMap<string, string>): readonly string[] {
  const names: string[] = [];
  for (const [, rest = ''] of line.matchAll(RUNS))
    for (const word of rest.split(/\s+/u)) {
      const name = word === 't' || word === 'tst' ? 'test' : word.replace(/["'\\]/gu, '');
      if (packages.has(name)) names.push(name);
      else if (name.includes('*')) names.push(...[...packages.keys()].filter((key) => covers(name, key)));
    }
  // The step may add a script that does not exist yet, so its name is included too.
  for (const [, name = ''] of line.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run|run-script)\s+(?:-\S+\s+)*([\w:.-]+)/gu))
    names.push(name);
  if (/\b(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:t|tst|test)\b/u.test(line)) names.push('test');
  return [...new Set(names)].flatMap((name) => [name, `pre${name}`, `post${name}`]);
}

/** Returns the scripts of a package.json; none if the text is not JSON or has no scripts. */
export function scriptsOf(text: string | null): ReadonlyMap<string, string> {
  const scripts = field(parse(text), 'scripts');
  return new Map(
    Object.entries(isTable(scripts) ? scripts : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}

/** Keys of package.json that configure hooks and test runners. */
const SETTINGS = [
  'husky',
  'lint-staged',
  'simple-git-hooks',
  'gitHooks',
  'pre-commit',
  'jest',
  'mocha',
  'ava',
  'c8',
  'nyc',
] as const;

/** Lists the changed parts of a package.json that affect the checks, as words for a sentence. */
export function changedPackageParts(
  before: string | null,
  after: string | null,
  scripts: ReadonlySet<string>,
): readonly string[] {
  const [old, now] = [scriptsOf(before), scriptsOf(after)];
  const changed = [...scripts].filter((name) => old.get(name) !== now.get(name)).map((name) => `the script "${name}"`);
  const [was, is] = [parse(before), parse(after)];
  const settings = SETTINGS.filter((key) => JSON.stringify(field(was, key)) !== JSON.stringify(field(is, key))).map(
    (key) => `"${key}"`,
  );
  return before !== null && after !== null && is === null
    ? ['content that is no longer JSON']
    : [...changed, ...settings];
}

/**
 * Lists the changed sections of a file that several tools share, such as pyproject.toml, if the checks' programs read
 * them. @returns null if the file is of another kind
 */
export function changedSections(
  path: string,
  before: string | null,
  after: string | null,
  commands: string,
): readonly string[] | null {
  const kind = SECTIONS.filter(({ file }) => file.test(path));
  if (kind.length === 0) return null;
  const [old, now] = [sectionsOf(before), sectionsOf(after)];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].filter(
    (name) =>
      old.get(name) !== now.get(name) &&
      kind.some(({ program, section }) => section.test(name) && program.test(commands)),
  );
}

/** Groups the lines of an INI or TOML text by section, without comments and blank lines. */
function sectionsOf(text: string | null): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let name = '';
  for (const line of (text ?? '').split('\n')) {
    const trimmed = line.trim();
    const heading = /^\[{1,2}([^[\]]{1,200})\]{1,2}/u.exec(trimmed);
    if (heading) name = (heading[1] ?? '').replaceAll('"', '').trim();
    else if (trimmed !== '' && !trimmed.startsWith('#')) sections.set(name, `${sections.get(name) ?? ''}${trimmed}\n`);
  }
  return sections;
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const field = (value: unknown, key: string): unknown =>
  isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
