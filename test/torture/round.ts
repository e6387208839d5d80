import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { acquireRunLock } from '../../src/core/lock';
import { out, root } from '../support/paths';
import { parseEvents, type TortureEvent, tick } from './events';
import { judge, type TortureReport } from './judge';

export interface RoundOptions {
  readonly seconds: number;
  readonly processes: number;
  readonly lock: 'weld' | 'naive';
  /** Mean time between two signals or removals, in ms. */
  readonly everyMs?: number;
}

export interface Round extends TortureReport {
  readonly processes: number;
  readonly seconds: number;
  /** Number of names in `.weld/lock` after the round and one more acquisition. */
  readonly leftOver: number;
  /** Waiting time of the first process after the round, in ms. */
  readonly recoveredMs: number;
  /** The path of the log, if something is wrong in it. */
  readonly log: string;
}

/** Bundles the worker once, so that each start takes only Node's own time. @returns the path of the program */
export async function bundle(entry: string): Promise<string> {
  const outfile = path.join(out, 'torture', `${path.basename(entry, '.ts')}.cjs`);
  await build({
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

/** Lets processes contend for one lock under SIGKILL, SIGSTOP, SIGCONT and `rm active.lock`, then judges their log. */
export async function tortureRound(options: RoundOptions): Promise<Round> {
  const program = await bundle('test/torture/worker.ts');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-torture-'));
  const weldDir = path.join(folder, '.weld');
  fs.mkdirSync(weldDir);
  const logFile = path.join(folder, 'log.jsonl');
  const log = fs.openSync(logFile, 'a');
  const arena = new Arena(options, program, weldDir, logFile, (event) => {
    fs.writeSync(log, `${JSON.stringify(event)}\n`);
  });
  try {
    await arena.fight();
  } finally {
    await arena.end();
    fs.closeSync(log);
  }
  const report = judge(parseEvents(fs.readFileSync(logFile, 'utf8')));
  const started = performance.now();
  let leftOver = 0;
  if (options.lock === 'weld') {
    const lock = await acquireRunLock(weldDir, {
      runId: '20260105-120000-after',
      command: 'after',
      wait: { timeoutMs: 10_000 },
    });
    lock.assertHeld();
    await lock.release();
    leftOver = fs.readdirSync(path.join(weldDir, 'lock')).length;
  }
  const recoveredMs = performance.now() - started;
  const kept = path.join(out, 'torture', 'log.jsonl');
  fs.copyFileSync(logFile, kept);
  fs.rmSync(folder, { recursive: true, force: true });
  return { ...report, processes: options.processes, seconds: options.seconds, leftOver, recoveredMs, log: kept };
}

class Arena {
  private readonly workers = new Map<string, ChildProcess>();
  private started = 0;
  private ending = false;

  constructor(
    private readonly options: RoundOptions,
    private readonly program: string,
    private readonly weldDir: string,
    private readonly logFile: string,
    private readonly say: (event: TortureEvent) => void,
  ) {
    process.once('exit', this.killAll);
  }

  async fight(): Promise<void> {
    // The time starts when all contend: on a busy machine sixteen starts take seconds.
    await Promise.all(Array.from({ length: this.options.processes }, () => this.start()));
    const until = performance.now() + this.options.seconds * 1000;
    const every = this.options.everyMs ?? 30;
    while (performance.now() < until) {
      await pause(Math.random() * 2 * every);
      this.strike();
    }
  }

  async end(): Promise<void> {
    this.ending = true;
    const gone = [...this.workers.values()].map(
      (child) =>
        new Promise((resolve) => {
          child.once('exit', resolve);
        }),
    );
    for (const who of this.workers.keys()) this.say({ ev: 'kill', who, t: tick() });
    this.killAll();
    await Promise.all(gone);
    process.off('exit', this.killAll);
  }

  /** Resolves when the worker contends for the lock. */
  private async start(): Promise<void> {
    const who = `w${++this.started}`;
    const child = spawn(process.execPath, [this.program, this.weldDir, this.logFile, who, this.options.lock], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.workers.set(who, child);
    child.once('exit', () => {
      this.workers.delete(who);
      if (!this.ending) void this.start();
    });
    await once(child.stdout, 'data');
  }

  private strike(): void {
    const names = [...this.workers.keys()];
    const who = names[Math.floor(Math.random() * names.length)];
    const child = who === undefined ? undefined : this.workers.get(who);
    if (who === undefined || child?.pid === undefined) return;
    const dice = Math.random();
    if (dice < 0.15) {
      this.say({ ev: 'kill', who, t: tick() });
      child.kill('SIGKILL');
    } else if (dice < 0.92 || this.options.lock === 'naive') {
      this.say({ ev: 'stop', who, t: tick() });
      child.kill('SIGSTOP');
      setTimeout(
        () => {
          if (this.workers.get(who) !== child) return;
          child.kill('SIGCONT');
          this.say({ ev: 'continue', who, t: tick() });
        },
        5 + Math.random() * (Math.random() < 0.1 ? 300 : 50),
      );
    } else {
      this.say({ ev: 'rm', who: 'stranger', t: tick() });
      fs.rmSync(path.join(this.weldDir, 'active.lock'), { force: true });
    }
  }

  private readonly killAll = (): void => {
    for (const child of this.workers.values()) child.kill('SIGKILL');
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
