import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';
import * as lockfile from 'proper-lockfile';
import { acquireRunLock } from '../../src/core/lock';
import { out, root } from '../support/paths';
import type { Turns } from './lock.turns';
import { median, middlePair } from './median';
import type { Row } from './report';

const KILLS = 7;
const CONTENDERS = 16;
const request = { runId: '20260105-120000-bench', command: 'step loop 1' };

/**
 * The lock compared with the usual ways, in one run: microseconds per turn, ms from a kill to the next holder, turns of
 * sixteen contenders.
 */
export async function lockRows(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-bench-'));
  try {
    const worker = await bundle('lock.worker');
    const turns = execFileSync(process.execPath, [await bundle('lock.turns'), folder], { encoding: 'utf8' });
    return [
      ...turnRows(JSON.parse(turns) as Turns),
      ...(await kills(folder, worker)),
      ...(await throughput(folder, worker)),
    ];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the program, bundled like the product */
async function bundle(name: string): Promise<string> {
  const outfile = path.join(out, 'bench', `${name}.cjs`);
  await build({
    entryPoints: [path.join(root, 'test/bench', `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

function turnRows({ locks, files, looks }: Turns): Row[] {
  return [
    {
      what: 'acquire + release / the least that any lock file needs: create exclusively, write a record, remove',
      ...paired(files.weld, files.standIn),
      unit: 'µs',
      limit: 6,
    },
    {
      what: 'acquire + release / bare exclusive create + unlink',
      ...paired(files.weld, files.bare),
      unit: 'µs',
    },
    // Without a limit: on ext4 the anchor's rmdir takes twenty times as long in one hour as in another.
    {
      what: "acquire + release / proper-lockfile's synchronous lock + unlock",
      ...paired(locks.weld, locks.proper),
      unit: 'µs',
    },
    {
      what: 'assertHeld / the three stats that it needs',
      ...paired(looks.assert, looks.three),
      unit: 'µs',
      limit: 1.3,
    },
    { what: 'assertHeld / one stat', ...paired(looks.assert, looks.stat), unit: 'µs', limit: 3 },
    {
      what: 'heartbeat / the three stats of its assert',
      ...paired(looks.beat, looks.three),
      unit: 'µs',
      limit: 3.5,
    },
  ];
}

/** Blocks of turns, each beside the anchor's of the same moment. */
const paired = (ours: readonly number[], anchor: readonly number[]): ReturnType<typeof middlePair> =>
  middlePair(ours.map((value, at) => ({ ours: value, reference: anchor[at] ?? Number.NaN })));

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
  const release = await lockfile.lock(weldDir, {
    realpath: false,
    retries: { retries: 600, factor: 1, minTimeout: 50, maxTimeout: 50 },
  });
  const proper = performance.now() - killed;
  await release();
  return [
    {
      what: 'from SIGKILL of the holder to the next one / proper-lockfile with defaults',
      ours: median(ours),
      reference: proper,
      unit: 'ms',
      limit: 0.02,
    },
  ];
}

async function throughput(folder: string, worker: string): Promise<Row[]> {
  const count = async (kind: string): Promise<{ readonly perSecond: number; readonly fairness: number }> => {
    const weldDir = fresh(folder, `many-${kind}`);
    const workers = Array.from({ length: CONTENDERS }, () => start(worker, kind, weldDir, 'count'));
    await Promise.all(workers.map((child) => once(child.stdout, 'data')));
    const said = workers.map(async (child) => {
      const [text] = (await once(child.stdout, 'data')) as [Buffer];
      return Number(text.toString().trim());
    });
    for (const child of workers) child.stdin.write('go');
    const turns = await Promise.all(said);
    return {
      perSecond: turns.reduce((sum, one) => sum + one, 0) / 3,
      fairness: (Math.min(...turns) + 1) / (Math.max(...turns) + 1),
    };
  };
  const [weld, proper, bare] = [await count('weld'), await count('proper'), await count('bare')];
  const what = `turns a second of ${CONTENDERS} contenders in steady state`;
  return [
    { what: `${what} / proper-lockfile`, ours: weld.perSecond, reference: proper.perSecond, unit: '/s' },
    { what: `${what} / bare exclusive create`, ours: weld.perSecond, reference: bare.perSecond, unit: '/s' },
    {
      what: `turns of the least lucky of ${CONTENDERS} per turn of the luckiest / proper-lockfile`,
      ours: weld.fairness,
      reference: proper.fairness,
      unit: '',
    },
    {
      what: `turns of the least lucky of ${CONTENDERS} per turn of the luckiest / bare exclusive create`,
      ours: weld.fairness,
      reference: bare.fairness,
      unit: '',
    },
  ];
}

function fresh(folder: string, name: string): string {
  const weldDir = path.join(folder, name, '.weld');
  fs.mkdirSync(weldDir, { recursive: true });
  return weldDir;
}

/** Kills them all when the bench ends, in any way. */
const started = new Set<ChildProcessByStdio<Writable, Readable, null>>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

function start(
  worker: string,
  kind: string,
  weldDir: string,
  mode: string,
): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn(process.execPath, [worker, kind, weldDir, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.add(child);
  return child;
}

async function holding(
  worker: string,
  kind: string,
  weldDir: string,
): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const child = start(worker, kind, weldDir, 'hold');
  await once(child.stdout, 'data');
  return child;
}
