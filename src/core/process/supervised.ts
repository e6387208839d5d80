import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { isErrno } from '../util/errors';
import { endFamily, Family } from './family';
import type { SupervisedRequest } from './ports';
import { inheritedEnvironment } from './resolve';
import type { FromSupervisor, ToSupervisor } from './supervisor/protocol';

export interface Supervised extends Running {
  /** The supervisor's own pid; absent when it could not be started. */
  readonly pid: number | undefined;
  /** Starts the program; until then nothing runs but the supervisor. */
  begin(): void;
}

/** Starts the supervisor (see supervisor/main.ts) for a program, and waits with the program until `begin`. */
export function startSupervisor(
  supervisorPath: string,
  request: Pick<SupervisedRequest, 'file' | 'args' | 'cwd' | 'sandbox'>,
  env: Record<string, string>,
  marker: string,
): Supervised {
  // This node program is our own, and its channel is node's.
  const child = spawn(process.execPath, [supervisorPath], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    env: { ...inheritedEnvironment(), ELECTRON_RUN_AS_NODE: '1' },
  });
  let settle: (outcome: Outcome) => void;
  let report: (survivors: readonly number[]) => void;
  const exited = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const gone = new Promise<readonly number[]>((resolve) => {
    report = resolve;
  });
  let told = false;
  const crashed = (why: string): void => {
    settle({ how: 'crashed', why });
  };
  child.on('message', (message: FromSupervisor) => {
    switch (message.type) {
      case 'failed':
        settle(notStarted(request.file, message.code, message.message));
        break;
      case 'exited':
        settle(outcomeOf(message.exitCode, message.signal));
        break;
      case 'gone':
        told = true;
        crashed(`${request.file} could not be ended`); // has no effect on a program that has exited
        report(message.survivors);
        break;
    }
  });
  child.once('error', (error) => {
    const failed = notStarted('its supervisor', isErrno(error) ? (error.code ?? '') : '', error.message);
    crashed(failed.how === 'crashed' ? failed.why : `its supervisor could not be started (${error.message})`);
    if (child.pid === undefined) report([]);
  });
  child.once('exit', () => {
    if (told) return;
    // Somebody killed the supervisor: what it guarded is found by its marker and ended from here.
    crashed('its supervisor was ended from outside');
    void endFamily(new Family(marker), 0).then(report);
  });
  const send = (message: ToSupervisor): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const streams: Partial<typeof child> = child; // without open files to spare it has none
  return {
    pid: child.pid,
    stdin: streams.stdin ?? null,
    stdout: streams.stdout ?? null,
    stderr: streams.stderr ?? null,
    exited,
    gone,
    begin: () => {
      const { file, args, cwd, sandbox } = request;
      send({ type: 'start', file, args, cwd, env, marker, ...(sandbox && { sandbox }) });
    },
    end: (graceMs) => {
      send({ type: 'end', graceMs });
    },
  };
}

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
