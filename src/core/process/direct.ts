import * as fs from 'node:fs';
import * as os from 'node:os';
import { execa } from 'execa';
import { startOf } from '../system/processes';
import { isErrno, reason } from '../util/errors';
import { endFamily, Family } from './family';
import type { ProgramRequest } from './ports';
import { notStarted, type Outcome, outcomeOf, type Running } from './supervised';

/** Process groups of the running programs. They are ended when this process exits normally. */
const groups = new Set<number>();
let watchesExit = false;

/** Starts a program as a child of this process, in its own process group. */
export function startDirectly(request: ProgramRequest, env: Record<string, string>, marker: string): Running {
  let child: ReturnType<typeof start>;
  try {
    assertDescriptors();
    child = start(request, env);
  } catch (error) {
    return neverStarted(request.file, error); // the arguments are invalid or too long
  }
  const { pid } = child;
  // The pid is safe to use until the program has ended and this process knows.
  const first = async (): Promise<{ pid: number; startedAt: string | null } | undefined> =>
    pid === undefined || child.exitCode !== null || child.signalCode !== null
      ? undefined
      : { pid, startedAt: await startOf(pid) };
  const end = (graceMs: number): void => {
    ending ??= first()
      .then((it) => endFamily(new Family(marker, it), graceMs))
      .then(conclude);
  };
  let ending: Promise<void> | undefined;
  let settle: (outcome: Outcome) => void;
  let report: (survivors: readonly number[]) => void;
  const exited = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const gone = new Promise<readonly number[]>((resolve) => {
    report = resolve;
  });
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
  // A failed start emits no exit event; execa reports it once everything else has settled.
  void child.then((result) => {
    if (pid !== undefined) return;
    settle(notStarted(request.file, codeOf(result.cause), result.originalMessage ?? ''));
    report([]);
  });
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, gone, end };
}

function start(request: ProgramRequest, env: Record<string, string>) {
  return execa(request.file, request.args, {
    cwd: request.cwd,
    env,
    extendEnv: false,
    buffer: false,
    reject: false,
    stripFinalNewline: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    windowsHide: true,
    cleanup: false,
    detached: process.platform !== 'win32',
  });
}

/** Descriptors that a start needs: two ends for each of three pipes, and some for itself. */
const DESCRIPTORS = 12;

/**
 * Checks that enough descriptors are free. Otherwise the program would start without streams, and nobody could catch
 * its error.
 * @throws as `open`, `EMFILE`
 */
function assertDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(fs.openSync(os.devNull, 'r'));
  } finally {
    for (const one of opened) fs.closeSync(one);
  }
}

const codeOf = (error: unknown): string => (isErrno(error) ? (error.code ?? '') : '');

function neverStarted(file: string, error: unknown): Running {
  const outcome = notStarted(file, codeOf(error), reason(error));
  return {
    stdin: null,
    stdout: null,
    stderr: null,
    exited: Promise.resolve(outcome),
    gone: Promise.resolve([]),
    end: () => undefined,
  };
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
