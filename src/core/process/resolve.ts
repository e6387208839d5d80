import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { isInside } from '../artifacts/inside';
import { hideSecretWords } from '../redact';

/** What a program's name resolves to. */
export type Located =
  | { readonly how: 'found' /** Absolute. */; readonly file: string }
  /** A file of that name exists, but is not executable. */
  | { readonly how: 'forbidden'; readonly file: string }
  | { readonly how: 'missing' };

export interface Search {
  /** The folder that a name with a slash is relative to; the work trees around it are the repository's. */
  readonly cwd: string;
  /** The environment whose PATH is searched. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Whether a bare name may also be found in the repository, if the person has put one of its folders on the PATH by
   * absolute path.
   */
  readonly inRepository?: boolean;
  /** Replaced in tests. */
  readonly platform?: NodeJS.Platform;
}

/** Folders searched when the PATH is missing or has only relative entries. */
const DEFAULT_PATH = ['/usr/bin', '/bin'];

/**
 * Finds the program for a command. A repository must not choose what runs: empty, `.` and relative entries of the PATH
 * never count, and folders of the repository only with `inRepository`. Starts nothing.
 */
export function locateProgram(name: string, search: Search): Located {
  const platform = search.platform ?? process.platform;
  if (name === '' || name.includes('\0')) return { how: 'missing' };
  const named = name.includes('/') || (platform === 'win32' && name.includes('\\'));
  const folders = named ? [] : foldersOf(search, platform);
  const files = named ? [path.resolve(search.cwd, name)] : folders.map((folder) => path.join(folder, name));
  let forbidden: string | undefined;
  for (const file of files.flatMap((each) => endings(each, search.env, platform))) {
    const may = mayRun(file);
    if (may === true) return { how: 'found', file };
    if (may === false) forbidden ??= file;
  }
  return forbidden === undefined ? { how: 'missing' } : { how: 'forbidden', file: forbidden };
}

/** @returns the absolute path of the program, or null when none may be run */
export function resolveProgram(
  name: string,
  cwd: string,
  env: Search['env'] = process.env,
  more: Pick<Search, 'inRepository' | 'platform'> = {},
): string | null {
  const located = locateProgram(name, { ...more, cwd, env });
  return located.how === 'found' ? located.file : null;
}

/** The environment with only the absolute entries of its PATH, so that our programs find others as we do. */
export function withAbsolutePath(env: Readonly<Record<string, string>>): Record<string, string> {
  const cleaned: Record<string, string> = { ...env };
  for (const [name, value] of Object.entries(env)) {
    if (name !== 'PATH' && !(process.platform === 'win32' && name.toUpperCase() === 'PATH')) continue;
    const kept = absoluteEntries(value);
    // An empty PATH would mean the working folder.
    cleaned[name] = (kept.length > 0 ? kept : DEFAULT_PATH).join(path.delimiter);
  }
  return cleaned;
}

function foldersOf({ cwd, env, inRepository = false }: Search, platform: NodeJS.Platform): readonly string[] {
  const value = Object.entries(env).find(
    ([name]) => name === 'PATH' || (platform === 'win32' && name.toUpperCase() === 'PATH'),
  )?.[1];
  const folders = absoluteEntries(value ?? '');
  if (folders.length === 0) return DEFAULT_PATH;
  if (inRepository) return folders;
  const trees = workTreesAbove(cwd);
  return trees.length === 0 ? folders : folders.filter((folder) => !trees.some((tree) => holds(tree, real(folder))));
}

const absoluteEntries = (value: string): string[] =>
  value.split(path.delimiter).filter((entry) => path.isAbsolute(entry));

const holds = (folder: string, file: string): boolean => folder === file || isInside(folder, file);

/** The work trees around a folder. One around the person's home holds all their programs, and does not count. */
function workTreesAbove(folder: string): readonly string[] {
  const home = real(os.homedir());
  const found: string[] = [];
  for (let at = real(path.resolve(folder)); ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, '.git')) && !holds(at, home)) found.push(at);
    if (path.dirname(at) === at) return found;
  }
}

function real(folder: string): string {
  try {
    return fs.realpathSync.native(folder);
  } catch {
    return path.resolve(folder);
  }
}

/** Adds the endings of Windows: a file without one is not a program, and batch files come last. */
function endings(file: string, env: Search['env'], platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') return [file];
  const listed = (env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';').filter((ending) => ending !== '');
  if (listed.some((ending) => file.toUpperCase().endsWith(ending.toUpperCase()))) return [file];
  const programs = listed.filter((ending) => /^\.(?:com|exe)$/iu.test(ending));
  return [...new Set([...programs, ...listed])].map((ending) => file + ending);
}

/** @returns whether the file is executable; undefined when there is no such file */
function mayRun(file: string): boolean | undefined {
  try {
    if (!fs.statSync(file).isFile()) return undefined;
  } catch {
    return undefined;
  }
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Maximum length of a first line that systems accept, in bytes. */
const FIRST_LINE = 256;

/**
 * Explains why the system reports an existing program as missing: the interpreter in its first line is missing.
 * @returns a clause to follow "because", or null when the file names no interpreter
 */
export function missingInterpreter(file: string): string | null {
  const line = firstLine(file);
  if (line === null || !line.startsWith('#!')) return null;
  const interpreter = line.slice(2).trim().split(/[ \t]/u, 1)[0] ?? '';
  return line.endsWith('\r')
    ? `its first line ends with a carriage return, so that it names "${interpreter}\\r"; save it with Unix line ends`
    : `its first line names ${interpreter}, which does not exist`;
}

function firstLine(file: string): string | null {
  try {
    const handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    try {
      if (!fs.fstatSync(handle).isFile()) return null;
      const bytes = Buffer.alloc(FIRST_LINE);
      return bytes.toString('latin1', 0, fs.readSync(handle, bytes, 0, FIRST_LINE, 0)).split('\n', 1)[0] ?? null;
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return null;
  }
}

/**
 * Variables that an editor sets for its own processes; a program with them would take itself for part of the editor.
 */
const EDITORS_OWN =
  /^(?:VSCODE_|ELECTRON_|NODE_CHANNEL_|NODE_OPTIONS$|APPLICATION_INSIGHTS_|CHROME_DESKTOP$|GIT_ASKPASS$)/i;

/** The environment of the extension host without the editor's own variables. */
export function inheritedEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && !EDITORS_OWN.test(name)) kept[name] = value;
  return kept;
}

const SECRET_NAME = /(?:token|secret|passw|api[-_]?key|auth|credential)/i;

/** A command line for the log: long words cut, likely secrets replaced. */
export function shownCommand(file: string, args: readonly string[]): string {
  const words = args.slice(0, 40).map((whole, i) => {
    const arg = hideSecretWords(whole.slice(0, 2_000));
    const before = args[i - 1] ?? '';
    const [name, value] = /^(--?[\w-]+)=(.*)$/s.exec(arg)?.slice(1) ?? [];
    if (before.startsWith('-') && !before.includes('=') && SECRET_NAME.test(before) && !arg.startsWith('-'))
      return '***';
    if (name !== undefined && value !== undefined && SECRET_NAME.test(name)) return `${name}=***`;
    const clean = arg.replace(/((?<!\w)\w+:\/\/)[^/\s@]+@/g, '$1***@');
    return quote(clean.length > 200 ? `${clean.slice(0, 200)}…` : clean);
  });
  return [quote(file), ...words, ...(args.length > 40 ? [`… (${args.length - 40} more)`] : [])].join(' ');
}

const quote = (word: string): string => (/^[\w@%+=:,./~^*-]+$/.test(word) ? word : JSON.stringify(word));
