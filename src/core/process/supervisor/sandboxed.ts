import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import * as os from 'node:os';
import type { Readable } from 'node:stream';
import type { Sandbox } from '../ports';
import { SANDBOX_FAILED } from '../supervised';

/** Descriptor to which bubblewrap writes its status; the program inside does not get it. */
const STATUS_FD = 3;
/** Maximum length of bubblewrap's status, in characters. */
const MOST_STATUS = 64 * 1024;
/** How long to wait for the status after the end, in ms. */
const STATUS_MS = 1_000;

export interface SandboxEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program inside never started. */
  readonly failed?: typeof SANDBOX_FAILED;
}

/** Starts a program inside a sandbox. @param ended called once, when the sandbox has ended */
export function startSandboxed(
  sandbox: Sandbox,
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  ended: (end: SandboxEnd) => void,
): ChildProcess {
  const words = [...sandbox.args, '--json-status-fd', String(STATUS_FD), '--', file, ...args];
  const child = spawn(sandbox.file, words, { ...options, stdio: [0, 1, 2, 'pipe'] });
  const channel = child.stdio[STATUS_FD] as Readable | null | undefined;
  let status = '';
  channel?.setEncoding('utf8').on('data', (text: string) => {
    if (status.length < MOST_STATUS) status += text;
  });
  channel?.on('error', () => undefined);
  child.once('exit', (code, signal) => {
    let done = false;
    const conclude = (): void => {
      if (!done) ended(endOf(status, code, signal));
      done = true;
    };
    if (!channel || channel.readableEnded) conclude();
    else {
      channel.once('close', conclude);
      setTimeout(conclude, STATUS_MS).unref();
    }
  });
  return child;
}

/**
 * How the program inside ended. Bubblewrap exits like a shell: with 128 plus the signal's number. It reports an exit
 * code only when the program had started.
 */
export function endOf(status: string, code: number | null, signal: NodeJS.Signals | null): SandboxEnd {
  if (signal !== null) return { exitCode: null, signal };
  if (!/"exit-code"\s*:/u.test(status)) return { exitCode: code, signal: null, failed: SANDBOX_FAILED };
  const name = code !== null && code > 128 ? signalNamed(code - 128) : undefined;
  return name === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal: name };
}

function signalNamed(number: number): NodeJS.Signals | undefined {
  return (Object.keys(os.constants.signals) as NodeJS.Signals[]).find((name) => os.constants.signals[name] === number);
}
