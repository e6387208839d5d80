import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { isErrno } from '../util/errors';
import { endFamily, Family } from './family';
import type { SupervisedRequest } from './ports';
import { inheritedEnvironment } from './resolve';
import type { FromSupervisor, ToSupervisor } from './supervisor/protocol';

/** A supervisor that waits for its one program. */
export interface Supervised extends Running {
  /** The supervisor's pid; absent when it could not start. */
  readonly pid: number | undefined;
  /** Whether it still waits: it has no program yet, and nobody has ended it. */
  waits(): boolean;
  /** Starts the program; until then only the supervisor runs. */
  begin(program: SupervisedProgram, env: Record<string, string>, marker: string): void;
}

/** What a supervisor is told of its program. */
type SupervisedProgram = Pick<SupervisedRequest, 'file' | 'args' | 'cwd' | 'sandbox'>;

/** Starts a supervisor (see supervisor/main.ts), which does nothing until `begin`. */
export function startSupervisor(supervisorPath: string): Supervised {
  // Node's own spawn: the program is our own script, and it needs Node's message channel.
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
  let begun: { readonly file: string; readonly marker: string } | undefined;
  let ended = false;
  const crashed = (why: string): void => {
    settle({ how: 'crashed', why });
  };
  child.on('message', (message: FromSupervisor) => {
    const file = begun?.file ?? '';
    switch (message.type) {
      case 'failed':
        settle(notStarted(file, message.code, message.message));
        break;
      case 'exited':
        settle(outcomeOf(message.exitCode, message.signal));
        break;
      case 'gone':
        ended = true;
        crashed(`${file} could not be ended`); // has no effect on a program that has exited
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
    if (ended) return;
    ended = true;
    crashed('its supervisor was ended from outside');
    // The supervisor was killed: find its programs by their marker and end them from here.
    if (begun) void endFamily(new Family(begun.marker), 0).then(report);
    else report([]);
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
    waits: () => child.pid !== undefined && child.connected && !begun && !ended,
    begin: ({ file, args, cwd, sandbox }, env, marker) => {
      begun = { file, marker };
      send({ type: 'start', file, args, cwd, env, marker, ...(sandbox && { sandbox }) });
    },
    end: (graceMs) => {
      if (begun) send({ type: 'end', graceMs });
      else child.kill('SIGKILL'); // it has no program that could end in order
    },
  };
}

/** How the program itself ended, before time limit or cancellation are considered. */
export type Outcome =
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly how: 'missing'; readonly file: string }
  | { readonly how: 'crashed'; readonly why: string; readonly sandbox?: true };

/** A started program, supervised or not. */
export interface Running {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Settles once the program itself has ended or could not start. Never rejects. */
  readonly exited: Promise<Outcome>;
  /** Settles once the whole process tree has ended, with the pids of survivors, normally none. Never rejects. */
  readonly gone: Promise<readonly number[]>;
  /** Sends SIGTERM to the whole process tree, then SIGKILL after `graceMs`. */
  end(graceMs: number): void;
}

/** The error code of a sandbox that failed before it started its program. */
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
        why: `${file} could not be started, because the system has no resources for another process`,
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
