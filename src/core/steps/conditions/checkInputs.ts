import { BY_PROGRAM, covers, SECTIONS } from './protectedFiles';

/** Maximum number of commands followed when scripts start other scripts. */
const MAX_SCRIPTS = 200;

/**
 * What stands behind the checks: what their commands name, what the scripts that they start are, and what those
 * programs read.
 */
export interface Behind {
  /** Files by their path, as a command names them. */
  readonly named: ReadonlySet<string>;
  /** Patterns of what the programs read. */
  readonly patterns: readonly string[];
  /** Names in package.json's `scripts` that the checks run. */
  readonly scripts: ReadonlySet<string>;
  /** All commands together, those of the scripts included. */
  readonly commands: string;
}

/** @param commands of the checks, as words @param baseText a file as it was before the step; null where it is none */
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
  // A script's own text says which programs it runs; what it names in turn is followed no further.
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

/** Which files' texts tell what stands behind the checks, beside those that these name. */
export const FIRST_LOOK: readonly string[] = ['package.json', ...RECIPES];

/**
 * Words of a command that are paths of files or of scripts without an ending. Tests that a runner is told are the
 * condition `tests`' concern.
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

/** The scripts of package.json that a command starts, with those that run before and after them. */
function started(line: string, packages: ReadonlyMap<string, string>): readonly string[] {
  const names: string[] = [];
  for (const [, rest = ''] of line.matchAll(RUNS))
    for (const word of rest.split(/\s+/u)) {
      const name = word === 't' || word === 'tst' ? 'test' : word.replace(/["'\\]/gu, '');
      if (packages.has(name)) names.push(name);
      else if (name.includes('*')) names.push(...[...packages.keys()].filter((key) => covers(name, key)));
    }
  // A name that is not there yet may be made by the step: it is watched too.
  for (const [, name = ''] of line.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run|run-script)\s+(?:-\S+\s+)*([\w:.-]+)/gu))
    names.push(name);
  if (/\b(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:t|tst|test)\b/u.test(line)) names.push('test');
  return [...new Set(names)].flatMap((name) => [name, `pre${name}`, `post${name}`]);
}

/** package.json's scripts; none where the text is no JSON or has none. */
export function scriptsOf(text: string | null): ReadonlyMap<string, string> {
  const scripts = field(parse(text), 'scripts');
  return new Map(
    Object.entries(isTable(scripts) ? scripts : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}

/** Keys of package.json by which hooks and test runners are set up there. */
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

/** @returns which parts of a package.json differ that decide what the checks do */
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
  return before !== null && after !== null && is === null ? ['what is no JSON any more'] : [...changed, ...settings];
}

/**
 * @returns which sections differ of a file that many tools share, among those that the checks' programs read; null for
 * a file of another kind
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

/** The lines of an INI or TOML text by section, without comments and blank lines. */
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
