import { type ChildProcess, spawn } from 'node:child_process';
import { isErrno, reason } from '../errors';
import { endFamily, Family } from './family';
import { notStarted, outcomeOf, type Outcome, type Running } from './running';
import { startOf } from './table';
import type { ProgramRequest } from './types';

/** Groups of programs that run at this moment; they are ended when this process ends in an orderly way. */
const groups = new Set<number>();
let watchesExit = false;

/** Starts a program as a child of this process, in a group of its own. */
export function startDirectly(request: ProgramRequest, env: Record<string, string>, marker: string): Running {
  let child: ChildProcess;
  try {
    child = start(request, env);
  } catch (error) {
    return neverStarted(request.file, error); // words that no system call can take, or too many of them
  }
  const { pid } = child;
  // Its number is its own until it has ended and this process knows.
  const first = async (): Promise<{ pid: number; startedAt: string | null } | undefined> =>
    pid === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : { pid, startedAt: await startOf(pid) };
  const end = (graceMs: number): void => { ending ??= first().then((it) => endFamily(new Family(marker, it), graceMs)).then(conclude); };
  let ending: Promise<void> | undefined;
  let settle: (outcome: Outcome) => void;
  let report: (survivors: readonly number[]) => void;
  const exited = new Promise<Outcome>((resolve) => { settle = resolve; });
  const gone = new Promise<readonly number[]>((resolve) => { report = resolve; });
  const conclude = (survivors: readonly number[]): void => {
    settle({ how: 'crashed', why: `${request.file} could not be ended` }); // has no effect on a program that has exited
    report(survivors);
  };
  if (pid !== undefined) guard(pid);
  child.once('exit', (exitCode, signal) => {
    if (pid !== undefined) groups.delete(pid);
    settle(outcomeOf(exitCode, signal));
    if (!ending) report([]);
  });
  // A failed start raises no exit. Without open files to spare it has no streams either, and its error is all there is.
  child.on('error', (error) => {
    if (pid !== undefined) return;
    settle(notStarted(request.file, codeOf(error), error.message));
    report([]);
  });
  return { stdin: child.stdin ?? null, stdout: child.stdout ?? null, stderr: child.stderr ?? null, exited, gone, end };
}

function start(request: ProgramRequest, env: Record<string, string>): ChildProcess {
  return spawn(request.file, request.args, {
    cwd: request.cwd, env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, detached: process.platform !== 'win32',
  });
}

const codeOf = (error: unknown): string => (isErrno(error) ? (error.code ?? '') : '');

function neverStarted(file: string, error: unknown): Running {
  const outcome = notStarted(file, codeOf(error), reason(error));
  return { stdin: null, stdout: null, stderr: null, exited: Promise.resolve(outcome), gone: Promise.resolve([]), end: () => undefined };
}

function guard(pid: number): void {
  groups.add(pid);
  if (watchesExit) return;
  watchesExit = true;
  process.once('exit', () => {
    for (const group of groups)
      try {
        process.kill(process.platform === 'win32' ? group : -group, 'SIGKILL');
      } catch {
        // it has just ended
      }
  });
}
