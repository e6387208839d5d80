/**
 * `lock.turns.cjs <folder>`: measures one turn of each kind of lock, in µs, bundled like the product. Prints each block
 * of turns as JSON.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lockfile from 'proper-lockfile';
import { acquireRunLock } from '../../src/core/lock';
import { acquire } from '../../src/core/lock/acquire';
import type { Claim } from '../../src/core/lock/claim';
import { LockContext } from '../../src/core/lock/context';
import { nodeFs } from '../../src/core/lock/fs';
import { heartbeat } from '../../src/core/lock/hold';
import { KEEP_CLAIMS } from '../../src/core/lock/lockNames';
import { runNow } from '../../src/core/lock/program';

const ROUNDS = 200;
/** Turns per block: one of them collects the claims of the others. */
const BLOCK = KEEP_CLAIMS;
const request = { runId: '20260105-120000-bench', command: 'step loop 1' };
/** Slows each of our turns by this many µs, to see the limits fail. */
const DELAY_US = Number(process.env['WELD_BENCH_DELAY_US'] ?? 0);

const RECORD = JSON.stringify({
  pid: process.pid,
  run_id: request.runId,
  command: request.command,
  started_at: '2026-01-05T12:00:00.000000',
  last_heartbeat: '2026-01-05T12:00:00.000000',
});

/** Times measured together: µs per turn, for each block. */
export interface Turns {
  readonly locks: Blocks<'weld' | 'proper'>;
  readonly files: Blocks<'weld' | 'bare' | 'standIn'>;
  readonly looks: Blocks<'stat' | 'three' | 'assert' | 'beat'>;
}
export type Blocks<K extends string> = Readonly<Record<K, readonly number[]>>;

/**
 * Measures kinds of turns alternately, so that a slow machine slows all of them.
 * @returns µs per turn of each kind, block by block
 */
async function compare<K extends string>(ways: Readonly<Record<K, () => unknown>>): Promise<Blocks<K>> {
  const names = Object.keys(ways) as K[];
  const seen = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < ROUNDS; round++) {
    const spent = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
    for (let n = 0; n < BLOCK; n++)
      for (const name of names) {
        const started = process.hrtime.bigint();
        await ways[name]();
        spent[name] += Number(process.hrtime.bigint() - started);
      }
    for (const name of names) seen[name].push(spent[name] / 1000 / BLOCK);
  }
  return seen;
}

async function turns(): Promise<Turns> {
  const weldDir = fresh('turns');
  const weld = async (): Promise<void> => {
    await (await acquireRunLock(weldDir, request)).release();
    idle();
  };
  const proper = (): void => {
    lockfile.lockSync(path.join(weldDir, 'proper'), { realpath: false })();
  };
  const bare = (): void => {
    fs.closeSync(fs.openSync(path.join(weldDir, 'bare.lock'), 'wx'));
    fs.unlinkSync(path.join(weldDir, 'bare.lock'));
  };
  const standIn = (): void => {
    const handle = fs.openSync(path.join(weldDir, 'stand-in.lock'), 'wx');
    fs.writeSync(handle, RECORD);
    fs.closeSync(handle);
    fs.unlinkSync(path.join(weldDir, 'stand-in.lock'));
  };
  // Measured separately, because ext4 does not reuse inode numbers freed within five seconds, and the bare ways free
  // thousands.
  const locks = await compare({ weld, proper });
  const files = await compare({ weld, bare, standIn });
  const lock = await acquireRunLock(weldDir, request);
  const beating = claimIn(fresh('heartbeat'));
  const face = path.join(weldDir, 'active.lock');
  const looks = await compare({
    stat: () => fs.statSync(weldDir),
    three: () => {
      fs.lstatSync(path.join(weldDir, 'lock', 'e-none'), { throwIfNoEntry: false });
      fs.lstatSync(face);
      fs.lstatSync(face);
    },
    assert: () => {
      lock.assertHeld();
      idle();
    },
    beat: () => {
      runNow(nodeFs, heartbeat(beating, Date.now()));
      idle();
    },
  });
  await lock.release();
  return { locks, files, looks };
}

/** Waits as long as requested by a person who checks that a limit can fail. */
function idle(): void {
  if (DELAY_US === 0) return;
  for (const end = process.hrtime.bigint() + BigInt(DELAY_US * 1000); process.hrtime.bigint() < end; );
}

/** Creates a claim, to measure the heartbeat separately. */
function claimIn(weldDir: string): Claim {
  const context = new LockContext(weldDir);
  const got = runNow(nodeFs, acquire({ ...context.surveyInput(), record: context.newRecord(request) }));
  if (got.kind !== 'acquired') throw new Error('somebody else holds the lock');
  return got.claim;
}

function fresh(name: string): string {
  const weldDir = path.join(process.argv[2] ?? '', name, '.weld');
  fs.mkdirSync(weldDir, { recursive: true });
  return weldDir;
}

void turns().then((seen) => {
  process.stdout.write(JSON.stringify(seen));
});
