import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireRunLock, inspectLock, LockLostError } from '../../../../src/core/lock';
import { root } from '../../../support/paths';
import { eventually } from './lockWorkers';
import { WeldFolder } from './weldFolder';

const program = path.join(root, 'test/fixtures/lock/command-line-weld.mjs');
const request = { runId: '20260105-120000-beside', command: 'step loop 1', heartbeatMs: 20 };

let weld: WeldFolder;
let children: ChildProcess[];
beforeEach(() => {
  weld = new WeldFolder();
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  weld.remove();
});

/** The command-line Weld holds the lock until it is killed. */
async function commandLineHolds(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, weld.dir, 'forever'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

/** The output of the command-line Weld that tries once, and releases at once. */
function commandLineTries(): string {
  const { stdout, stderr } = spawnSync(process.execPath, [program, weld.dir, '0'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim();
}

function kill(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return gone;
}

describe('beside the command-line Weld', { timeout: 60_000 }, () => {
  it('its lock is respected while its process lives, and cleared when that is dead', async () => {
    const child = await commandLineHolds();
    expect(await inspectLock(weld.dir)).toMatchObject({
      kind: 'held',
      where: 'this-machine',
      holder: { pid: child.pid, command: 'step loop' },
    });
    await expect(acquireRunLock(weld.dir, request)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: child.pid },
    });
    expect(fs.existsSync(weld.claims)).toBe(false);
    await kill(child);
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'stale', holder: { pid: child.pid } });
    const lock = await acquireRunLock(weld.dir, request);
    lock.assertHeld();
    await lock.release();
  });

  it('it can read ours, refuses while we hold, and has its turn after our release', async () => {
    const lock = await acquireRunLock(weld.dir, request);
    expect(commandLineTries()).toBe(`refused ${process.pid}`);
    lock.assertHeld();
    await lock.release();
    expect(commandLineTries()).toBe('held');
    const again = await acquireRunLock(weld.dir, request);
    expect(commandLineTries()).toBe(`refused ${process.pid}`);
    await again.release();
  });

  it('it clears a face that one of ours gave up, and one whose process is dead', async () => {
    const lock = await acquireRunLock(weld.dir, request);
    const text = fs.readFileSync(weld.face, 'utf8');
    await lock.release();
    for (const pid of [2147483647, 4_194_304]) {
      fs.writeFileSync(weld.face, text.replace(/"pid": +\d+/u, `"pid": ${pid}`));
      expect(commandLineTries()).toBe('held');
    }
  });

  it('both at work for two seconds: ours never asserts its lock while the other one has it', async () => {
    const log = path.join(weld.outside, 'log');
    // Only one: of two, one can remove the other's lock because it judged an earlier record, and ours may then take it.
    const other = spawn(process.execPath, [program, weld.dir, '5', '1000000', log], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(other);
    // The two seconds begin when the other one runs.
    await eventually(() => fs.existsSync(log));
    const asserted: { from: number; to: number }[] = [];
    const now = (): number => Number(process.hrtime.bigint());
    const until = performance.now() + 2000;
    let turns = 0;
    while (performance.now() < until || (turns < 20 && performance.now() < until + 20_000)) {
      const lock = await acquireRunLock(weld.dir, { ...request, wait: { timeoutMs: 300 } }).catch(() => undefined);
      if (!lock) continue;
      turns += 1;
      try {
        for (let n = 0; n < 3; n++) {
          const from = now();
          lock.assertHeld();
          asserted.push({ from, to: now() });
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(LockLostError);
      }
      await lock.release();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    }
    await kill(other);
    const told = fs
      .readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ev: string; who: string; t: number });
    const tenures = told.flatMap(({ ev, who, t }, index) =>
      ev === 'held'
        ? [{ from: t, to: told.slice(index).find((one) => one.who === who && one.ev === 'releasing')?.t ?? Infinity }]
        : [],
    );
    expect(turns).toBeGreaterThan(5);
    expect(tenures.length).toBeGreaterThan(5);
    const overlaps = asserted.filter((ours) =>
      tenures.some((theirs) => ours.from > theirs.from && ours.to < theirs.to),
    );
    expect(overlaps).toEqual([]);
  });
});
