import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';
import * as lockfile from 'proper-lockfile';
import { acquireRunLock } from '../../src/core/lock';
import { acquire } from '../../src/core/lock/acquire';
import type { Claim } from '../../src/core/lock/claim';
import { nodeFs } from '../../src/core/lock/fs';
import { heartbeat } from '../../src/core/lock/held';
import { runNow } from '../../src/core/lock/program';
import { newRecord, surveyInput } from '../../src/core/lock/request';
import { out, root } from '../support/paths';
import { median, type Row } from './report';

const ROUNDS = 1500;
const KILLS = 7;
const CONTENDERS = 16;
const request = { runId: '20260105-120000-bench', command: 'step loop 1' };

/** The lock against the usual ways, all in one run: microseconds a turn, ms from a kill to the next holder, turns of sixteen contenders. */
export async function lockRows(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-bench-'));
  try {
    const worker = path.join(out, 'bench', 'lock.worker.cjs');
    await build({ entryPoints: [path.join(root, 'test/bench/lock.worker.ts')], outfile: worker, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' });
    return [...(await turns(folder)), ...(await kills(folder, worker)), ...(await throughput(folder, worker))];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Each way once a round, so that whatever slows the machine slows all of them. */
async function turns(folder: string): Promise<Row[]> {
  const weldDir = fresh(folder, 'turns');
  const bare = path.join(weldDir, 'bare.lock');
  const standIn = path.join(weldDir, 'stand-in.lock');
  const proper = path.join(weldDir, 'proper');
  const record = JSON.stringify({ pid: process.pid, run_id: request.runId, command: request.command, started_at: '2026-01-05T12:00:00.000000', last_heartbeat: '2026-01-05T12:00:00.000000' });
  const seen = { weld: [] as number[], bare: [] as number[], standIn: [] as number[], proper: [] as number[], stat: [] as number[], assert: [] as number[], beat: [] as number[] };
  const beating = claimIn(fresh(folder, 'heartbeat'));
  const timed = (into: number[], times: number, work: () => void): void => {
    const started = process.hrtime.bigint();
    for (let n = 0; n < times; n++) work();
    into.push(Number(process.hrtime.bigint() - started) / 1000 / times);
  };
  for (let round = 0; round < ROUNDS; round++) {
    timed(seen.bare, 1, () => {
      fs.closeSync(fs.openSync(bare, 'wx'));
      fs.unlinkSync(bare);
    });
    timed(seen.standIn, 1, () => {
      const handle = fs.openSync(standIn, 'wx');
      fs.writeSync(handle, record);
      fs.closeSync(handle);
      fs.unlinkSync(standIn);
    });
    timed(seen.proper, 1, () => { lockfile.lockSync(proper, { realpath: false })(); });
    const started = process.hrtime.bigint();
    const lock = await acquireRunLock(weldDir, request);
    const acquired = process.hrtime.bigint();
    if (round % 10 === 0) {
      timed(seen.stat, 10, () => { fs.statSync(weldDir); });
      timed(seen.assert, 10, () => { lock.assertHeld(); });
      timed(seen.beat, 10, () => { runNow(nodeFs, heartbeat(beating, Date.now())); });
    }
    const resumed = process.hrtime.bigint();
    await lock.release();
    seen.weld.push(Number(acquired - started + (process.hrtime.bigint() - resumed)) / 1000);
  }
  const weld = median(seen.weld);
  const stat = median(seen.stat);
  return [
    { what: "acquire + release / proper-lockfile's synchronous lock + unlock", ours: weld, reference: median(seen.proper), unit: 'µs', limit: 0.5 },
    { what: 'acquire + release / bare exclusive create + unlink', ours: weld, reference: median(seen.bare), unit: 'µs' },
    { what: 'acquire + release / the command-line stand-in', ours: weld, reference: median(seen.standIn), unit: 'µs' },
    { what: 'assertHeld / one stat', ours: median(seen.assert), reference: stat, unit: 'µs', limit: 3 },
    { what: 'heartbeat / one stat', ours: median(seen.beat), reference: stat, unit: 'µs' },
  ];
}

/** A claim of one's own, to time the heartbeat by itself. */
function claimIn(weldDir: string): Claim {
  const got = runNow(nodeFs, acquire({ ...surveyInput(weldDir, 60_000), record: newRecord(request) }));
  if (got.kind !== 'acquired') throw new Error('somebody else holds the lock');
  return got.claim;
}

async function kills(folder: string, worker: string): Promise<Row[]> {
  const ours: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    const weldDir = fresh(folder, `kill-${round}`);
    const holder = await holding(worker, 'weld', weldDir);
    const next = acquireRunLock(weldDir, { ...request, wait: { timeoutMs: 60_000 } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const killed = performance.now();
    holder.kill('SIGKILL');
    await (await next).release();
    ours.push(performance.now() - killed);
  }
  const weldDir = fresh(folder, 'kill-proper');
  const holder = await holding(worker, 'proper', weldDir);
  const killed = performance.now();
  holder.kill('SIGKILL');
  const release = await lockfile.lock(weldDir, { realpath: false, retries: { retries: 600, factor: 1, minTimeout: 50, maxTimeout: 50 } });
  const proper = performance.now() - killed;
  await release();
  return [{ what: 'from SIGKILL of the holder to the next one / proper-lockfile with defaults', ours: median(ours), reference: proper, unit: 'ms', limit: 0.02 }];
}

async function throughput(folder: string, worker: string): Promise<Row[]> {
  const count = async (kind: string): Promise<{ readonly perSecond: number; readonly fairness: number }> => {
    const weldDir = fresh(folder, `many-${kind}`);
    const workers = Array.from({ length: CONTENDERS }, () => start(worker, kind, weldDir, 'count'));
    await Promise.all(workers.map((child) => once(child.stdout, 'data')));
    const said = workers.map(async (child) => {
      const [text] = await once(child.stdout, 'data') as [Buffer];
      return Number(text.toString().trim());
    });
    for (const child of workers) child.stdin.write('go');
    const turns = await Promise.all(said);
    return { perSecond: turns.reduce((sum, one) => sum + one, 0) / 3, fairness: (Math.min(...turns) + 1) / (Math.max(...turns) + 1) };
  };
  const [weld, proper, bare] = [await count('weld'), await count('proper'), await count('bare')];
  const what = `turns a second of ${CONTENDERS} contenders in steady state`;
  return [
    { what: `${what} / proper-lockfile`, ours: weld.perSecond, reference: proper.perSecond, unit: '/s' },
    { what: `${what} / bare exclusive create`, ours: weld.perSecond, reference: bare.perSecond, unit: '/s' },
    { what: `turns of the least lucky of ${CONTENDERS} per turn of the luckiest / proper-lockfile`, ours: weld.fairness, reference: proper.fairness, unit: '' },
    { what: `turns of the least lucky of ${CONTENDERS} per turn of the luckiest / bare exclusive create`, ours: weld.fairness, reference: bare.fairness, unit: '' },
  ];
}

function fresh(folder: string, name: string): string {
  const weldDir = path.join(folder, name, '.weld');
  fs.mkdirSync(weldDir, { recursive: true });
  return weldDir;
}

function start(worker: string, kind: string, weldDir: string, mode: string): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn(process.execPath, [worker, kind, weldDir, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => { child.kill('SIGKILL'); };
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function holding(worker: string, kind: string, weldDir: string): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const child = start(worker, kind, weldDir, 'hold');
  await once(child.stdout, 'data');
  return child;
}
