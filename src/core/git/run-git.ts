import { AsyncLocalStorage } from 'node:async_hooks';
import { WeldError } from '../errors';
import { inheritedEnvironment } from '../process/environment';
import type { GuestPrograms, ProgramResult, Programs } from '../process/types';
import { gitFailure } from './failures';
import { decodeName, encodeName } from './names';

/**
 * Most bytes that one answer of git may have before it is refused: a diff or a file beyond this is nobody's to read.
 */
export const MAX_ANSWER = 256 * 1024 * 1024;
const TIMEOUT_MS = 10 * 60_000;

/** What git is told every time, so that a person's configuration changes neither what we read nor what we run. */
const PLUMBING = [
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

/** Variables that would point git at another repository or have it run something else, such as inside a hook. */
const REDIRECTS =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|INDEX_VERSION|EXTERNAL_DIFF|DIFF_OPTS|.*PATHSPECS|QUARANTINE_PATH|TRACE.*|REFLOG_ACTION|ATTR_SOURCE|REPLACE_REF_BASE|SHALLOW_FILE|DEFAULT_HASH)$/;

export interface GitOptions {
  /** Text is written as names are: what stands for a byte becomes that byte. */
  readonly input?: string | Uint8Array;
  /** A private index instead of the person's own. */
  readonly index?: string;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes that are an answer; others throw. Default: 0. */
  readonly accept?: readonly number[];
  /** Most bytes of an answer; beyond it `AnswerTooLarge` is thrown. */
  readonly atMost?: number;
}

/** Git said more than anybody would read. */
export class AnswerTooLarge extends WeldError {
  constructor(what: string, atMost: number) {
    super(
      'GIT_FAILED',
      `git ${what} answered with more than ${Math.floor(atMost / 1024 / 1024)} MB; leave large files out of ` +
        'the repository.',
    );
  }
}

/** Objects are what their ids say: no other is read in the place of one, and a commit has the parents that it names. */
const TRUE_OBJECTS = { GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: '/dev/null/none' } as const;

/** The environment of git itself, and of hooks: no prompts, no editor, nothing that redirects it. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(inheritedEnvironment()).filter(([name]) => !REDIRECTS.test(name));
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    GIT_PAGER: 'cat',
    ...TRUE_OBJECTS,
    ...extra,
  };
}

/** The parts of output that git ends with NUL, decoded as names are. */
export function fieldsOf(output: Uint8Array): string[] {
  // A zero is part of no sequence of UTF-8, so that what is around it does not change how a name is read.
  const fields = decodeName(output).split('\0');
  fields.pop();
  return fields;
}

const ending = new AsyncLocalStorage<AbortSignal>();

/** Does work in which every git ends with the signal, whichever part of Weld has started it. */
export const endingWith = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => ending.run(signal, work);

/** Runs git in one folder. */
export class GitRunner {
  /**
   * @param first options of git itself, before the name of what it is to do @param env beside what every git is given
   */
  constructor(
    readonly cwd: string,
    readonly programs: Programs,
    private readonly first: readonly string[] = [],
    private readonly guest?: GuestPrograms,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  /** The same as a guest: for what may start programs of other people. */
  under(guest: GuestPrograms): GitRunner {
    return new GitRunner(this.cwd, this.programs, this.first, guest, this.env);
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

  /** @returns the parts of output that git ends with NUL, decoded as names are (`decodeName`) */
  async fields(args: readonly string[], options: GitOptions = {}): Promise<string[]> {
    return fieldsOf(await this.bytes(args, options));
  }

  async result(args: readonly string[], options: GitOptions = {}): Promise<ProgramResult> {
    const atMost = options.atMost ?? MAX_ANSWER;
    const signals = [options.signal, ending.getStore()].filter((each) => each !== undefined);
    const request = {
      file: 'git',
      args: [...PLUMBING, ...this.first, ...args],
      shownArgs: args,
      cwd: this.cwd,
      timeoutMs: TIMEOUT_MS,
      keepBytes: atMost,
      env: gitEnvironment({
        LC_ALL: 'C',
        GIT_LITERAL_PATHSPECS: '1',
        // A refreshed private index is worth keeping; the person's own is theirs to refresh.
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
    if (result.truncated) throw new AnswerTooLarge(what, atMost);
    return result;
  }
}
