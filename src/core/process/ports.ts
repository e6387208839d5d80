import type { RunLock } from '../lock/runLock';

/** How a program ended. Exactly one of the reasons holds; `exited` with any code is not an error here. */
export type Ended =
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly how: 'timeout'; readonly afterMs: number }
  | { readonly how: 'silent'; readonly afterMs: number }
  | { readonly how: 'cancelled' }
  | { readonly how: 'missing'; readonly file: string }
  | {
      readonly how: 'crashed';
      readonly why: string /** The sandbox could not be set up: nothing was run. */;
      readonly sandbox?: true;
    };

export interface ProgramRequest {
  /** The program and its arguments, as words: no shell ever reads them. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /**
   * A bare name may also be a program of the repository, where the person has put its folder on the PATH: for checks
   * only.
   */
  readonly inRepository?: boolean;
  /** Written to standard input, which is then closed; nothing given: standard input is empty. */
  readonly input?: string | Uint8Array;
  /** The whole environment of the program; left out: the extension host's own less what names the editor. */
  readonly env?: Readonly<Record<string, string>>;
  /** Wall-clock limit in ms. */
  readonly timeoutMs: number;
  /** Ends the program when nothing was printed for this long, in ms. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of output as it comes; text is decoded as UTF-8 with replacement. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Most bytes of each stream kept in the result: the first half and the last half of it; default 10 MB. */
  readonly keepBytes?: number;
  /** Arguments as they may be shown in the log, where one of them is long or secret. */
  readonly shownArgs?: readonly string[];
}

/**
 * A program that may change the work tree: started only under a held lock, and recorded in `.weld/workers` before it
 * starts.
 */
export interface SupervisedRequest extends ProgramRequest {
  readonly lock: RunLock;
  /** What shuts it in, if anything does. */
  readonly sandbox?: Sandbox;
}

/** Bubblewrap, and all that it is told but the program that it starts. */
export interface Sandbox {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface ProgramResult {
  readonly ended: Ended;
  /** Convenience: the exit code, or -1 when the program did not exit by itself. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** True where `keepBytes` cut something out. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/**
 * The only way to start a program: short ones of our own choosing (git), in a process group of their own, ended with
 * this process as far as possible. Whatever may run the repository's code is a guest, and is started by the guard
 * alone.
 * It does not throw for what the program does; see `Ended`.
 */
export interface Programs {
  run(request: ProgramRequest): Promise<ProgramResult>;
  /** Ends everything that is still running: terminate, kill after `graceMs`. @returns true when nothing survived */
  endAll(graceMs: number): Promise<boolean>;
}

/**
 * What one guest may start, for as long as the guard stands around it. A small supervisor process stands between, which
 * ends the whole process tree when its pipe to this process closes, also after SIGKILL of this process; it is recorded
 * before the program starts. It throws what the lock and that record throw, before anything is started.
 */
export interface GuestPrograms {
  supervise(request: ProgramRequest): Promise<ProgramResult>;
}

/** Whatever may run the repository's code: nothing that is judged may reach what judges it. */
export interface Guest {
  readonly kind: 'agent' | 'check' | 'hook' | 'filter' | 'setup';
  /** As `[guard]` in config.toml names it: a check's category, an agent's kind. */
  readonly name: string;
  /** How sentences to the person begin, such as "Claude Code" or "The check test". */
  readonly label: string;
  /** A person does the task by hand, who may commit and configure as they like. */
  readonly person?: boolean;
  /** Works inside this process: no program starts that could be shut in. */
  readonly inProcess?: boolean;
}

/** What a guest does, with the programs that it may start. */
export type GuestWork<T> = (programs: GuestPrograms) => Promise<T>;

export interface Guarded<T> {
  readonly result: T;
  readonly report: GuardReport;
}

/** The guard as git needs it, which starts hooks and filters: programs of other people. */
export interface Guests {
  around<T>(request: GuestRequest, work: GuestWork<T>): Promise<Guarded<T>>;
}

export interface GuestRequest {
  readonly lock: RunLock;
  readonly guest: Guest;
  /** Files or folders of Weld's own that it has to write, absolute: the index that a hook may add to. */
  readonly writable?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What the guard saw of one guest. */
export interface GuardReport {
  /** Whether the system kept the guest from what judges it, or changes were only looked for afterwards. */
  readonly mode: 'prevented' | 'noticed';
  /** Sentences; each ends the step as `violation`. */
  readonly violations: readonly string[];
  /** Sentences for the person to know of. */
  readonly warnings: readonly string[];
  /** Whether `[guard]` in config.toml took prevention off this guest. */
  readonly opted: boolean;
}
