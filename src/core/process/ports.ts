import type { RunLock } from '../lock/runLock';

/** How a program ended, for exactly one reason. `exited` is no error here, whatever the code. */
export type Ended =
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly how: 'timeout'; readonly afterMs: number }
  | { readonly how: 'silent'; readonly afterMs: number }
  | { readonly how: 'cancelled' }
  | { readonly how: 'missing'; readonly file: string }
  | {
      readonly how: 'crashed';
      readonly why: string;
      /** The sandbox could not be set up; nothing was run. */
      readonly sandbox?: true;
    };

export interface ProgramRequest {
  /** The program and its arguments as separate words; no shell reads them. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /**
   * Whether a bare name may also be a program in the repository, if the person has put its folder on the PATH. For
   * checks only.
   */
  readonly inRepository?: boolean;
  /** Written to standard input, which is then closed; default: empty. */
  readonly input?: string | Uint8Array;
  /** The whole environment of the program; default: the extension host's, without the editor's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Wall-clock limit in ms. */
  readonly timeoutMs: number;
  /** Maximum time without output, in ms; the program is ended after it. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of output as it arrives, decoded as UTF-8 with replacement characters. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Maximum bytes kept of each stream, half from the beginning and half from the end; default 10 MB. */
  readonly keepBytes?: number;
  /** Arguments as the log shows them, if one is long or secret. */
  readonly shownArgs?: readonly string[];
}

/**
 * A program that may change the work tree. It starts only under a held lock, recorded in `.weld/workers` beforehand.
 */
export interface SupervisedRequest extends ProgramRequest {
  readonly lock: RunLock;
  /** The sandbox around the program, if any. */
  readonly sandbox?: Sandbox;
}

/** Bubblewrap and its arguments, except the program to start. */
export interface Sandbox {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface ProgramResult {
  readonly ended: Ended;
  /** The exit code, or -1 when the program did not exit by itself. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether `keepBytes` cut something out. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/**
 * The only way to start a program: short ones of our own choice (git), each in its own process group, ended with this
 * process as far as possible. Anything that may run the repository's code is a guest, and only the guard starts it.
 * Never throws for what the program does; see `Ended`.
 */
export interface Programs {
  run(request: ProgramRequest): Promise<ProgramResult>;
  /** Ends all running programs: SIGTERM, then SIGKILL after `graceMs`. @returns whether none survived */
  endAll(graceMs: number): Promise<boolean>;
}

/**
 * Starts programs for one guest, while the guard is around it. A supervisor process ends the whole process tree when
 * its pipe to this process closes, even if this process is killed. The supervisor is recorded before the program
 * starts. Throws what the lock and that record throw, before anything starts.
 */
export interface GuestPrograms {
  supervise(request: ProgramRequest): Promise<ProgramResult>;
}

/** Anything that may run the repository's code. A guest must not reach what judges it. */
export interface Guest {
  readonly kind: 'agent' | 'check' | 'hook' | 'filter' | 'setup';
  /** Its name in `[guard]` of config.toml: a check's category or an agent's kind. */
  readonly name: string;
  /** How messages name it, such as "Claude Code" or "The check test". */
  readonly label: string;
  /** A person does the task by hand, and may commit and configure freely. */
  readonly person?: boolean;
  /** Runs inside this process: there is no program to sandbox. */
  readonly inProcess?: boolean;
}

/** The work of a guest, with access to the programs that it may start. */
export type GuestWork<T> = (programs: GuestPrograms) => Promise<T>;

export interface Guarded<T> {
  readonly result: T;
  readonly report: GuardReport;
}

/** The guard as git uses it around hooks and filters, which are other people's programs. */
export interface Guests {
  around<T>(request: GuestRequest, work: GuestWork<T>): Promise<Guarded<T>>;
}

export interface GuestRequest {
  readonly lock: RunLock;
  readonly guest: Guest;
  /** Weld's own files or folders that the guest must write, absolute: the index that a hook may add to. */
  readonly writable?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What the guard found out about one guest. */
export interface GuardReport {
  /** Whether the system prevented changes, or the guard only looked for them afterwards. */
  readonly mode: 'prevented' | 'noticed';
  /** Sentences; each ends the step as `violation`. */
  readonly violations: readonly string[];
  /** Sentences to show to the person. */
  readonly warnings: readonly string[];
  /** Whether `[guard]` in config.toml turned prevention off for this guest. */
  readonly opted: boolean;
}
