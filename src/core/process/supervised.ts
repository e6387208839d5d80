import { spawn } from 'node:child_process';
import { isErrno } from '../errors';
import { inheritedEnvironment } from './environment';
import { endFamily, Family } from './family';
import { notStarted, type Outcome, outcomeOf, type Running } from './running';
import type { FromSupervisor, ToSupervisor } from './supervisor/protocol';
import type { SupervisedRequest } from './types';

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
