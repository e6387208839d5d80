// A process that obeys orders, one JSON line each: `lockWorker.cjs <.weld folder>`. It can stop or kill itself inside
// any file call.
import * as fs from 'node:fs';
import { createInterface } from 'node:readline';
import {
  acquireRunLock,
  inspectLock,
  LockHeldError,
  LockLostError,
  type LockRequest,
  lockMechanism,
  type RunLock,
  takeOverLock,
} from '../../../../src/core/lock';
import { WeldError } from '../../../../src/core/util/errors';
import type { Answer, Order } from './orders';

const weldDir = process.argv[2] ?? '';
let lock: RunLock | undefined;
let clockShiftMs = 0;
const realNow = Date.now;
Date.now = () => realNow() + clockShiftMs;

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case 'acquire':
      if (order.at !== undefined) await until(order.at);
      lock = await acquireRunLock(weldDir, request(order.request));
      return { ok: true, record: lock.record };
    case 'takeOver':
      lock = await takeOverLock(weldDir, order.token, request(order.request));
      return { ok: true, record: lock.record };
    case 'inspect':
      return { ok: true, state: await inspectLock(weldDir) };
    case 'assert':
      lock?.assertHeld();
      return { ok: lock !== undefined, aborted: lock?.signal.aborted === true };
    case 'release':
      await lock?.release();
      return { ok: true };
    case 'clock':
      clockShiftMs = order.shiftMs;
      return { ok: true };
    case 'trap':
      setTrap(order);
      return { ok: true };
    case 'fail':
      setFailure(order);
      return { ok: true };
    case 'mechanism':
      return { ok: true, mechanism: await lockMechanism(weldDir) };
    case 'exit':
      process.exit(0);
  }
}

const request = (more: Partial<LockRequest> = {}): LockRequest => ({
  runId: '20260105-120000-worker',
  command: `worker ${process.pid}`,
  ...more,
});

/** Sends a signal to this process before the first matching call. */
function setTrap({ call, match, signal }: Extract<Order, { do: 'trap' }>): void {
  let sprung = false;
  beforeEach(call, match, () => {
    if (!sprung) process.kill(process.pid, signal);
    sprung = true;
  });
}

const failures = new Map<string, string | undefined>();
function setFailure({ call, match, code }: Extract<Order, { do: 'fail' }>): void {
  const known = failures.has(call);
  failures.set(call, code);
  if (known) return;
  beforeEach(call, match, () => {
    const now = failures.get(call);
    if (now !== undefined)
      throw Object.assign(new Error(`${now}: made to fail`), { code: now, syscall: call.replace('Sync', '') });
  });
}

/** Wraps one function of `node:fs`, so that something happens before each call with a matching argument. */
function beforeEach(call: Extract<Order, { do: 'trap' }>['call'], match: string | undefined, first: () => void): void {
  const real = fs[call] as (...args: unknown[]) => unknown;
  const trapped = (...args: unknown[]): unknown => {
    if (args.some((arg) => match === undefined || (typeof arg === 'string' && new RegExp(match, 'u').test(arg))))
      first();
    return real(...args);
  };
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the module object, which every import reads
  Object.assign(require('node:fs') as object, { [call]: trapped });
}

/** @param at ns of the machine's monotonic clock, at which all workers start together */
function until(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, (at - Number(process.hrtime.bigint())) / 1e6)));
}

createInterface({ input: process.stdin }).on('line', (line) => {
  void obey(JSON.parse(line) as Order)
    .catch(
      (error: unknown): Answer => ({
        ok: false,
        code: error instanceof WeldError ? error.code : 'UNEXPECTED',
        message:
          error instanceof Error ? (error instanceof WeldError ? error.message : (error.stack ?? '')) : String(error),
        ...(error instanceof LockHeldError && { holder: error.holder }),
        ...(error instanceof LockLostError && error.by && { by: error.by }),
      }),
    )
    .then((answer) => {
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    });
});
