// `lock.turns.cjs <folder>`: µs of one turn of each kind of lock, bundled as users get it. Prints the medians as JSON.
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
import { median } from './median';

const ROUNDS = 200;
/** Turns at a time: of so many of ours, one collects what the others leave. */
const BLOCK = KEEP_CLAIMS;
const request = { runId: '20260105-120000-bench', command: 'step loop 1' };

const RECORD = JSON.stringify({
  pid: process.pid,
  run_id: request.runId,
  command: request.command,
  started_at: '2026-01-05T12:00:00.000000',
  last_heartbeat: '2026-01-05T12:00:00.000000',
});

/** What was measured together, each in µs. */
export interface Turns {
  readonly locks: Readonly<Record<'weld' | 'proper', number>>;
  readonly files: Readonly<Record<'weld' | 'bare' | 'standIn', number>>;
  readonly looks: Readonly<Record<'stat' | 'assert' | 'beat', number>>;
}

/**
 * Ways to spend a turn, a block of each a round, so that whatever slows the machine slows all of them. @returns the
 * medians in µs
 */
async function compare<K extends string>(ways: Readonly<Record<K, () => unknown>>): Promise<Record<K, number>> {
  const names = Object.keys(ways) as K[];
  const seen = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) {
      const started = process.hrtime.bigint();
      for (let n = 0; n < BLOCK; n++) await ways[name]();
      seen.get(name)?.push(Number(process.hrtime.bigint() - started) / 1000 / BLOCK);
    }
  return Object.fromEntries(names.map((name) => [name, median(seen.get(name) ?? [])])) as Record<K, number>;
}

async function turns(): Promise<Turns> {
  const weldDir = fresh('turns');
  const weld = async (): Promise<void> => (await acquireRunLock(weldDir, request)).release();
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
  // By themselves, because ext4 looks for a free number past all that were given back within five seconds, and the bare
  // ways give back thousands.
  const locks = await compare({ weld, proper });
  const files = await compare({ weld, bare, standIn });
  const lock = await acquireRunLock(weldDir, request);
  const beating = claimIn(fresh('heartbeat'));
  const looks = await compare({
    stat: () => fs.statSync(weldDir),
    assert: () => {
      lock.assertHeld();
    },
    beat: () => runNow(nodeFs, heartbeat(beating, Date.now())),
  });
  await lock.release();
  return { locks, files, looks };
}

/** A claim of one's own, to time the heartbeat by itself. */
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
