import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { startOf } from '../../system/processes';
import { endFamily, Family } from '../family';
import { SANDBOX_FAILED } from '../supervised';
import type { FromSupervisor, ToSupervisor } from './protocol';
import { startSandboxed } from './sandboxed';

/**
 * Runs between the extension host and a program that may change files, so that the program's whole process tree ends
 * with the host, however the host ends. The program gets this process's standard streams.
 */
const GRACE_MS = 3_000;
/** Shorter when the host is gone: nobody waits for the end, and a successor may soon be at work. */
const ORPHAN_GRACE_MS = 2_000;
/** Interval between looks at the process tree, in ms: a process that detaches later is known by then. */
const LOOK_EVERY_MS = 2_000;

let family: Family | undefined;
let program: ChildProcess | undefined;
let sandboxPid: number | undefined;
let ending: Promise<void> | undefined;

process.on('message', (message: ToSupervisor) => {
  if (message.type === 'end') void end(message.graceMs);
  else if (!program && !ending) start(message);
});
process.on('disconnect', () => void end(ORPHAN_GRACE_MS));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(GRACE_MS));
process.on('uncaughtException', () => void end(GRACE_MS));
if (!process.connected) void end(0);

function start(request: Extract<ToSupervisor, { type: 'start' }>): void {
  family = new Family(request.marker);
  const { file, args, sandbox } = request;
  const options = {
    cwd: request.cwd,
    env: request.env,
    windowsHide: true,
    detached: process.platform !== 'win32', // its own process group; on Windows that would open a console
  };
  try {
    if (sandbox)
      program = startSandboxed(sandbox, file, args, options, (how) => {
        ended(how.exitCode, how.signal, how.failed);
      });
    else
      program = spawn(file, args, { ...options, stdio: [0, 1, 2] }).once('exit', (exitCode, signal) => {
        ended(exitCode, signal);
      });
  } catch (error) {
    failed(error);
    return;
  }
  giveStreamsAway();
  const { pid } = program;
  program.once('error', (error) => {
    failed(sandbox ? Object.assign(error, { code: SANDBOX_FAILED }) : error);
  });
  sandboxPid = sandbox && pid;
  if (pid === undefined) return;
  void startOf(pid).then((startedAt) => {
    family = new Family(request.marker, { pid, startedAt });
  });
  setInterval(() => void family?.look(), LOOK_EVERY_MS).unref();
}

/** Leaves the standard streams to the program alone, so that they end with it and nobody waits for this process. */
function giveStreamsAway(): void {
  for (const descriptor of [0, 1, 2]) {
    fs.closeSync(descriptor);
    fs.openSync(os.devNull, 'r+'); // takes the number that has just become free
  }
}

function ended(exitCode: number | null, signal: NodeJS.Signals | null, code?: string): void {
  tell(code === undefined ? { type: 'exited', exitCode, signal } : { type: 'failed', code, message: '' });
  void end(GRACE_MS);
}

function failed(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  void end(0);
}

/** Ends the program and everything it left. Further calls change nothing. */
function end(graceMs: number): Promise<void> {
  ending ??= (async () => {
    const survivors = family ? await endFamily(family, graceMs, { spared: sandboxPid }) : [];
    await new Promise(setImmediate); // reports the program's own exit first
    tell({ type: 'gone', survivors }, () => process.exit(0));
  })();
  return ending;
}

function tell(message: FromSupervisor, then: () => void = () => undefined): void {
  if (process.connected && process.send) process.send(message, undefined, undefined, then);
  else then();
}
