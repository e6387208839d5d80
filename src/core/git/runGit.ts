import { AsyncLocalStorage } from 'node:async_hooks';
import * as path from 'node:path';
import { readCapped } from '../artifacts/bounded';
import { sentence } from '../process';
import type { GuestPrograms, ProgramResult, Programs } from '../process/ports';
import { inheritedEnvironment } from '../process/resolve';
import { WeldError } from '../util/errors';
import { shellWord } from '../util/text';
import type { Oid } from './git';
import { saysLfsMissing } from './hooks';
import { decodeName, encodeName } from './names';
import { oid } from './oid';

/** Maximum output of one git command, in bytes. Nobody reads a larger diff or file. */
export const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

const TIMEOUT_MS = 10 * 60_000;

/** Options of every command, so that a person's configuration affects neither its output nor what it starts. */
const FIXED_OPTIONS = [
  '--no-pager',
  '-c',
  'core.quotepath=off',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.splitIndex=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.logAllRefUpdates=false',
  '-c',
  'core.commitGraph=false',
  '-c',
  'color.ui=false',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
  '-c',
  'diff.suppressBlankEmpty=false',
] as const;

/** Variables that redirect git to another repository or program; they are set inside a hook, for example. */
const REDIRECTING_VARIABLES: readonly RegExp[] = [
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|INDEX_VERSION|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/,
  /^GIT_(NAMESPACE|PREFIX|EXTERNAL_DIFF|DIFF_OPTS|.*PATHSPECS|QUARANTINE_PATH|TRACE.*|REFLOG_ACTION)$/,
  /^GIT_(ATTR_SOURCE|REPLACE_REF_BASE|SHALLOW_FILE|DEFAULT_HASH)$/,
];

export interface GitOptions {
  /** Text is encoded with `encodeName`. */
  readonly input?: string | Uint8Array;
  /** A private index instead of the person's own. */
  readonly index?: string;
  readonly signal?: AbortSignal | undefined;
  /** Accepted exit codes; others throw. Default: 0. */
  readonly accept?: readonly number[];
  /** Maximum output, in bytes; a larger one throws `OutputTooLarge`. */
  readonly maxBytes?: number;
}

/** The output of git exceeds the limit. */
export class OutputTooLarge extends WeldError {
  constructor(what: string, maxBytes: number) {
    super(
      'GIT_FAILED',
      `git ${what} answered with more than ${Math.floor(maxBytes / 1024 / 1024)} MB; leave large files out of ` +
        'the repository.',
    );
  }
}

/** Disables replacement objects and grafts, so that each id means its own object and a commit its own parents. */
const TRUE_OBJECTS = { GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: '/dev/null/none' } as const;

/** The environment of git and hooks: no prompts, no editor, no redirecting variables. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(inheritedEnvironment()).filter(
    ([name]) => !REDIRECTING_VARIABLES.some((form) => form.test(name)),
  );
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    GIT_PAGER: 'cat',
    ...TRUE_OBJECTS,
    ...extra,
  };
}

/** Splits output at the zero bytes that end its parts, and decodes them with `decodeName`. */
export function splitNul(output: Uint8Array): string[] {
  // No UTF-8 sequence contains a zero byte, so decoding before splitting changes no name.
  const fields = decodeName(output).split('\0');
  fields.pop();
  return fields;
}

const currentSignal = new AsyncLocalStorage<AbortSignal>();

/** Runs work in which the signal stops every git, whichever part of Weld starts it. */
export const withGitSignal = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
  currentSignal.run(signal, work);

/** Runs git in one folder. */
export class GitRunner {
  /**
   * @param globalOptions options before the name of the command
   * @param env added to the variables of every command
   */
  constructor(
    readonly cwd: string,
    readonly programs: Programs,
    private readonly globalOptions: readonly string[] = [],
    private readonly guest?: GuestPrograms,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  /** The same as a guest, for commands that may start programs of the repository. */
  asGuest(guest: GuestPrograms): GitRunner {
    return new GitRunner(this.cwd, this.programs, this.globalOptions, guest, this.env);
  }

  /** @returns standard output. @throws WeldError for any exit that is not accepted */
  async bytes(args: readonly string[], options: GitOptions = {}): Promise<Uint8Array> {
    return (await this.result(args, options)).stdout;
  }

  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    return Buffer.from(await this.bytes(args, options))
      .toString('utf8')
      .replace(/\n$/, '');
  }

  /** @returns the object id that git prints as its only output */
  async id(args: readonly string[], options: GitOptions = {}): Promise<Oid> {
    return oid(await this.text(args, options));
  }

  /** @returns the parts of output that end with a zero byte, decoded with `decodeName` */
  async fields(args: readonly string[], options: GitOptions = {}): Promise<string[]> {
    return splitNul(await this.bytes(args, options));
  }

  async result(args: readonly string[], options: GitOptions = {}): Promise<ProgramResult> {
    const maxBytes = options.maxBytes ?? MAX_OUTPUT_BYTES;
    const signals = [options.signal, currentSignal.getStore()].filter((each) => each !== undefined);
    const request = {
      file: 'git',
      args: [...FIXED_OPTIONS, ...this.globalOptions, ...args],
      shownArgs: args,
      cwd: this.cwd,
      timeoutMs: TIMEOUT_MS,
      keepBytes: maxBytes,
      env: gitEnvironment({
        LC_ALL: 'C',
        GIT_LITERAL_PATHSPECS: '1',
        // Git may refresh a private index, but not the person's.
        ...(options.index === undefined ? { GIT_OPTIONAL_LOCKS: '0' } : { GIT_INDEX_FILE: options.index }),
        ...this.env,
      }),
      ...(options.input === undefined
        ? {}
        : { input: typeof options.input === 'string' ? encodeName(options.input) : options.input }),
      ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
    };
    const result = await (this.guest ? this.guest.supervise(request) : this.programs.run(request));
    const what = args.find((arg) => !arg.startsWith('-')) ?? '';
    if (result.ended.how !== 'exited' || !(options.accept ?? [0]).includes(result.exitCode))
      throw gitFailure(what, result);
    if (result.truncated) throw new OutputTooLarge(what, maxBytes);
    return result;
  }
}

/** Explains a failed git command to a person. Relies on git's untranslated messages (LC_ALL=C). */
export function gitFailure(what: string, result: ProgramResult): WeldError {
  const { ended } = result;
  switch (ended.how) {
    case 'missing':
      return new WeldError('GIT_MISSING', 'Git is not installed or not on the PATH; install it and try again.');
    case 'cancelled':
      return new WeldError('CANCELLED', `Cancelled during git ${what}; nothing more was changed.`);
    case 'exited':
      return failureFromOutput(what, text(result.stderr) || text(result.stdout));
    default:
      return new WeldError('GIT_FAILED', `git ${what}: ${sentence(ended)}; try again.`);
  }
}

function failureFromOutput(what: string, output: string): WeldError {
  const cause = new Error(output.slice(0, 4_000));
  const unsafe =
    between(output, "detected dubious ownership in repository at '", "'") ??
    between(output, "unsafe repository ('", "' is owned by");
  if (unsafe !== null)
    return new WeldError(
      'UNSAFE_REPOSITORY',
      `The repository ${unsafe} belongs to another user; if you trust it, run: git config --global --add ` +
        `safe.directory ${shellWord(unsafe)}`,
      { cause },
    );
  if (/must be run in a work tree/.test(output))
    return new WeldError(
      'NOT_A_REPOSITORY',
      'This is a bare repository or the inside of .git, without files to work on; open a clone with a work tree.',
      { cause },
    );
  if (/not a git repository/i.test(output))
    return new WeldError(
      'NOT_A_REPOSITORY',
      'This folder is not in a git repository; run "git init" in it or open another folder.',
      { cause },
    );
  const locked = between(output, "nable to create '", "': File exists");
  if (locked?.endsWith('.lock')) return gitLocked(locked, cause);
  if (/No space left on device|Disk quota exceeded/i.test(output))
    return new WeldError('DISK_FULL', 'There is no space left for git to write; free some and try again.', { cause });
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.some(saysLfsMissing))
    return new WeldError(
      'PROGRAM_MISSING',
      'This repository keeps large files with Git LFS, and git-lfs is not installed; install it and try again.',
      { cause },
    );
  // The message about a filter's missing program comes before git's own message.
  const line =
    lines.find((candidate) => /: (?:command )?not found$/.test(candidate)) ??
    lines.find((candidate) => /^(fatal|error):/.test(candidate)) ??
    lines.at(-1) ??
    'no reason given';
  return new WeldError('GIT_FAILED', `git ${what} failed: ${line.replace(/^(fatal|error): /, '').slice(0, 300)}`, {
    cause,
  });
}

/** The text of a line between two pieces, up to the last occurrence of the second; null if there is none. */
function between(output: string, before: string, after: string): string | null {
  const start = output.indexOf(before);
  if (start === -1) return null;
  const rest = output.slice(start + before.length).split('\n', 1)[0] ?? '';
  const end = rest.lastIndexOf(after);
  return end > 0 ? rest.slice(0, end) : null;
}

export function gitLocked(file: string, cause?: unknown): WeldError {
  return new WeldError(
    'GIT_LOCKED',
    `Another git program is at work in this repository; wait for it, or if none runs any more, remove ${file}.`,
    { cause },
  );
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').trim();

/** The git folder that all work trees of a repository share. @param gitDir of one of them */
export async function commonDir(gitDir: string): Promise<string> {
  return path.resolve(
    gitDir,
    ((await readCapped(path.join(gitDir, 'commondir'), 16 * 1024)) ?? Buffer.from('.')).toString('utf8').trim(),
  );
}
