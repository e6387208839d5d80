import { type ChildProcessByStdio, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { LockRecord } from '../../../../src/core/lock';
import { bundled } from '../../../support/bundles';
import type { Answer, Order } from './orders';

/** Copies the bundled worker to where any user may read it. @returns its path */
export function bundleLockWorker(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-lock-worker-'));
  fs.chmodSync(folder, 0o755);
  const file = path.join(folder, 'lockWorker.cjs');
  fs.copyFileSync(bundled('test/unit/core/lock/lockWorker.ts'), file);
  return Promise.resolve(file);
}

/** Another process that runs the code of the lock. */
export class LockWorker {
  private readonly answers: Answer[] = [];
  private readonly waiting: ((answer: Answer) => void)[] = [];
  readonly gone: Promise<void>;

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    readonly pid: number,
  ) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      const next = this.waiting.shift();
      if (next) next(answer);
      else this.answers.push(answer);
    });
    this.gone = new Promise((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    const kill = (): void => {
      this.child.kill('SIGKILL');
    };
    process.once('exit', kill);
    void this.gone.then(() => process.off('exit', kill));
  }

  /** @param uid the user to run as */
  static start(program: string, weldDir: string, uid?: number): LockWorker {
    const child = spawn(process.execPath, [program, weldDir], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
      ...(uid !== undefined && { uid, gid: uid }),
    });
    child.stdin.on('error', () => undefined);
    if (child.pid === undefined) throw new Error('the worker does not start');
    return new LockWorker(child, child.pid);
  }

  /** Sends an order and waits for the answer. */
  tell(order: Order): Promise<Answer> {
    const answer = this.hear();
    this.order(order);
    return answer;
  }

  /** Sends an order without waiting for the answer. */
  order(order: Order): void {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  hear(): Promise<Answer> {
    const ready = this.answers.shift();
    return ready
      ? Promise.resolve(ready)
      : new Promise((resolve) => {
          this.waiting.push(resolve);
        });
  }

  /** @throws if it did not get the lock */
  async hold(heartbeatMs = 60_000): Promise<LockRecord> {
    const { record, message } = await this.tell({ do: 'acquire', request: { heartbeatMs } });
    if (!record) throw new Error(message);
    return record;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.child.kill(signal);
  }

  /** Waits until it is stopped. */
  async stopped(): Promise<void> {
    await eventually(() => procState(this.pid) === 'T');
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }
}

/** Polls until the condition holds. @throws after `ms` */
export async function eventually(condition: () => boolean, ms = 20_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The one-letter state of a process, such as T for stopped and Z for a zombie; empty if it is gone. */
export function procState(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ', 1)[0] ?? '';
  } catch {
    return '';
  }
}
