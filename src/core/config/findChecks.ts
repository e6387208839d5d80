import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'smol-toml';
import { readBounded } from '../artifacts/bounded';
import { orNull } from '../util/files';
import { shellWord } from '../util/text';
import { isTable, type Table } from './toml';

/** A command of the project's own that can serve as a check. */
export interface FoundCheck {
  /** Name for `[checks]`; unique in a list. */
  readonly category: string;
  readonly words: readonly [program: string, ...args: string[]];
  /** The words as config.toml wants them: quoted for `commandWords`, which needs no shell. */
  readonly command: string;
  /** The file that names it, such as "package.json". */
  readonly from: string;
}

/** Maximum size of a file that is read, in bytes. */
const MAX_BYTES = 256 * 1024;
/** Maximum number of entries of the repository's top that are looked at. */
const MAX_ENTRIES = 20_000;

/**
 * Finds the commands with which a project tests itself. It reads a few well-known files of the repository's top and
 * runs nothing. Links are not followed; files that are large, damaged or cannot be read are passed over. Never throws.
 * @param top absolute path of the repository
 * @returns the quick ones first, so that a failing check shows soon
 */
export async function findChecks(top: string): Promise<readonly FoundCheck[]> {
  const files = await filesOf(top);
  const project: ProjectFiles = {
    has: (name) => files.has(name),
    names: [...files].sort(),
    read: async (name) => {
      if (!files.has(name)) return null;
      const read = await readBounded(path.join(top, name), { most: MAX_BYTES });
      return read.how === 'read' ? read.bytes.toString('utf8').replace(/^\ufeff/u, '') : null;
    },
  };
  const tools = await Promise.all([nodeScripts, cargo, go, pytest, dotnet].map((look) => look(project)));
  const found = tools.flat();
  const taken = new Set(found.map(({ category }) => category));
  // A target is mostly another name for what the language's own tool does, and nothing should run twice.
  const all = [...found, ...(await makeTargets(project)).filter(({ category }) => !taken.has(category))];
  return named(all).sort((a, b) => rank(a) - rank(b));
}

/** The regular files of the repository's top. */
interface ProjectFiles {
  readonly has: (name: string) => boolean;
  readonly names: readonly string[];
  /** @returns null when the file is missing, too large or cannot be read */
  readonly read: (name: string) => Promise<string | null>;
}

/** What a tool offers: `tool` tells two checks of one category apart. */
interface Offer extends Pick<FoundCheck, 'words' | 'from'> {
  readonly category: Category;
  readonly tool: string;
}

const CATEGORIES = ['lint', 'typecheck', 'build', 'check', 'test'] as const;
type Category = (typeof CATEGORIES)[number];

async function filesOf(top: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let seen = 0;
  try {
    for await (const entry of await fs.opendir(top)) {
      if (entry.isFile()) names.add(entry.name);
      if (++seen >= MAX_ENTRIES) break;
    }
  } catch {
    // What was read so far counts.
  }
  return names;
}

function named(offers: readonly Offer[]): FoundCheck[] {
  return offers.map(({ category, tool, words, from }, at) => {
    const first = offers.findIndex((other) => other.category === category) === at;
    return { category: first ? category : `${category}-${tool}`, words, command: words.map(quoted).join(' '), from };
  });
}

/** An option needs no quotes: `commandWords` takes every word as it is. */
const quoted = (word: string): string => (/^--[a-z-]+$/u.test(word) ? word : shellWord(word));

const rank = ({ category }: FoundCheck): number => CATEGORIES.findIndex((name) => category.split('-', 1)[0] === name);

/** The names of scripts that serve a category, best first. */
const SCRIPTS: Readonly<Partial<Record<Category, readonly string[]>>> = {
  lint: ['lint'],
  typecheck: ['typecheck', 'type-check', 'check-types'],
  build: ['build'],
  test: ['test'],
};

/** Lock files by the package manager that writes them. */
const LOCK_FILES = [
  ['pnpm', ['pnpm-lock.yaml']],
  ['yarn', ['yarn.lock']],
  ['bun', ['bun.lock', 'bun.lockb']],
  ['npm', ['package-lock.json', 'npm-shrinkwrap.json']],
] as const;

async function nodeScripts(project: ProjectFiles): Promise<Offer[]> {
  const text = await project.read('package.json');
  const manifest: unknown = text === null ? null : orNull((): unknown => JSON.parse(text));
  if (!isTable(manifest) || !isTable(manifest['scripts'])) return [];
  const scripts = manifest['scripts'];
  const manager = packageManager(project, manifest['packageManager']);
  return CATEGORIES.flatMap((category): Offer[] => {
    const script = SCRIPTS[category]?.find((name) => Object.hasOwn(scripts, name) && endsByItself(scripts[name]));
    if (script === undefined) return [];
    const words: Offer['words'] = script === 'test' && manager !== 'bun' ? [manager, script] : [manager, 'run', script];
    return [{ category, tool: manager, words, from: 'package.json' }];
  });
}

/** Leaves out the script that `npm init` writes, and scripts that wait for changes and never end. */
function endsByItself(script: unknown): boolean {
  if (typeof script !== 'string' || script.trim() === '' || script.includes('Error: no test specified')) return false;
  const words = script.split(/\s+/u);
  return !words.some((word) => /^--watch(?:all)?$/iu.test(word)) && !(words.includes('tsc') && words.includes('-w'));
}

function packageManager({ has }: ProjectFiles, declared: unknown): string {
  const name = typeof declared === 'string' ? declared.split('@', 1)[0] : undefined;
  const [known] = LOCK_FILES.find(([manager]) => manager === name) ??
    LOCK_FILES.find(([, files]) => files.some(has)) ?? ['npm'];
  return known;
}

async function cargo(project: ProjectFiles): Promise<Offer[]> {
  const manifest = toml(await project.read('Cargo.toml'));
  if (!isTable(manifest['package']) && !isTable(manifest['workspace'])) return [];
  const all = isTable(manifest['workspace']) ? ['--workspace'] : [];
  return [{ category: 'test', tool: 'cargo', words: ['cargo', 'test', ...all], from: 'Cargo.toml' }];
}

async function go(project: ProjectFiles): Promise<Offer[]> {
  if (!/^module\s/mu.test((await project.read('go.mod')) ?? '')) return [];
  return [
    { category: 'lint', tool: 'go', words: ['go', 'vet', './...'], from: 'go.mod' },
    { category: 'test', tool: 'go', words: ['go', 'test', './...'], from: 'go.mod' },
  ];
}

/** Lock files of tools that keep a project's Python packages apart, by the tool that then runs the tests. */
const PYTHON_RUNNERS = [
  ['uv', 'uv.lock'],
  ['poetry', 'poetry.lock'],
  ['pdm', 'pdm.lock'],
] as const;

async function pytest(project: ProjectFiles): Promise<Offer[]> {
  const from = await pytestFile(project);
  if (from === null) return [];
  const runner = PYTHON_RUNNERS.find(([, file]) => project.has(file))?.[0];
  const words: Offer['words'] = runner === undefined ? ['pytest'] : [runner, 'run', 'pytest'];
  return [{ category: 'test', tool: 'pytest', words, from }];
}

async function pytestFile(project: ProjectFiles): Promise<string | null> {
  const { tool } = toml(await project.read('pyproject.toml'));
  if (isTable(tool) && isTable(tool['pytest'])) return 'pyproject.toml';
  const own = ['pytest.ini', '.pytest.ini', 'conftest.py'].find(project.has);
  if (own !== undefined) return own;
  return /^\[tool:pytest\]/mu.test((await project.read('setup.cfg')) ?? '') ? 'setup.cfg' : null;
}

/** Only names that show as what they are, and that no program takes for an option. */
const PLAIN_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .+-]{0,99}$/u;

/** A solution, else a single project: with several, `dotnet` itself does not know which is meant. */
function dotnet({ names }: ProjectFiles): Promise<Offer[]> {
  const plain = names.filter((name) => PLAIN_NAME.test(name));
  const solutions = plain.filter((name) => /\.slnx?$/iu.test(name));
  const candidates = solutions.length > 0 ? solutions : plain.filter((name) => /\.(?:cs|fs|vb)proj$/iu.test(name));
  const [file, ...more] = candidates;
  if (file === undefined || more.length > 0) return Promise.resolve([]);
  return Promise.resolve([{ category: 'test', tool: 'dotnet', words: ['dotnet', 'test', file], from: file }]);
}

/** In the order in which make looks for them. */
const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'];

async function makeTargets(project: ProjectFiles): Promise<Offer[]> {
  const from = MAKEFILES.find(project.has);
  if (from === undefined) return [];
  const targets = targetsOf((await project.read(from)) ?? '');
  return CATEGORIES.filter((name) => name !== 'typecheck' && name !== 'build' && targets.has(name)).map((category) => ({
    category,
    tool: 'make',
    words: ['make', category],
    from,
  }));
}

/** The names before the colons of rules; lines of recipes and assignments are none. */
function targetsOf(makefile: string): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const line of makefile.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0 || line.startsWith('\t') || line.startsWith('#')) continue;
    if (/^:{1,3}=/u.test(line.slice(colon, colon + 4)) || line.lastIndexOf('=', colon) >= 0) continue;
    for (const name of line.slice(0, colon).split(/\s+/u)) targets.add(name);
  }
  return targets;
}

const toml = (text: string | null): Table => (text === null ? null : orNull(() => parse(text))) ?? {};
