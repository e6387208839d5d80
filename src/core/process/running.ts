import type { Readable, Writable } from 'node:stream';

/** How the program ended by its own account, before what was asked of it is considered. */
export type Outcome =
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly how: 'missing'; readonly file: string }
  | { readonly how: 'crashed'; readonly why: string; readonly sandbox?: true };

/** A started program, whichever way it was started. */
export interface Running {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Once the program itself has ended, or could not be started. Never rejects. */
  readonly exited: Promise<Outcome>;
  /** Once nothing of it runs any more; the pids that survive every attempt, normally none. Never rejects. */
  readonly gone: Promise<readonly number[]>;
  /** SIGTERM to its whole tree, SIGKILL after `graceMs`. */
  end(graceMs: number): void;
}

/** The code of a sandbox that did not come to starting its program. */
export const SANDBOX_FAILED = 'SANDBOX';

/** The outcome of a program that could not be started. */
export function notStarted(file: string, code: string, message: string): Outcome {
  switch (code) {
    case SANDBOX_FAILED:
      return { how: 'crashed', why: `${file} could not be shut in`, sandbox: true };
    case 'ENOENT':
      return { how: 'missing', file };
    case 'EACCES':
      return { how: 'crashed', why: `${file} may not be run (permission denied)` };
    case 'E2BIG':
      return { how: 'crashed', why: `the arguments of ${file} are too long for this system` };
    case 'EAGAIN':
    case 'ENOMEM':
      return {
        how: 'crashed',
        why: `${file} could not be started, because the system has no room for another process`,
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        how: 'crashed',
        why:
          `${file} could not be started, because too many files are open; close some windows or raise the limit ` +
          '(ulimit -n), then try again',
      };
    default:
      return { how: 'crashed', why: `${file} could not be started (${message.split('\n', 1)[0] ?? code})` };
  }
}

export function outcomeOf(exitCode: number | null, signal: NodeJS.Signals | null): Outcome {
  return signal ? { how: 'signalled', signal } : { how: 'exited', exitCode: exitCode ?? -1 };
}
