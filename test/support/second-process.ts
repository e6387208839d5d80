import { type ChildProcess, spawn } from 'node:child_process';
import * as path from 'node:path';
import type { LockRecord } from '../../src/core/lock/runLock';
import { root } from './paths';

/** Another live process that holds the run lock, with its heartbeat. */
export class SecondProcess {
  private constructor(
    readonly process: ChildProcess,
    readonly record: LockRecord,
    readonly pid: number,
  ) {}

  /** Starts it and waits until it holds the lock. */
  static async hold(weldDir: string, runId: string, command = 'step loop'): Promise<SecondProcess> {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', path.join(import.meta.dirname, 'lock-process.ts'), 'hold', weldDir, runId, command],
      { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const end = (): void => void child.kill('SIGKILL');
    process.on('exit', end);
    child.once('exit', () => process.off('exit', end));
    const record = await new Promise<LockRecord>((resolve, reject) => {
      let said = '';
      let wrong = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (wrong += text));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('\n')) resolve(JSON.parse(said) as LockRecord);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the second process ended with ${code ?? 'a signal'}: ${wrong}`)));
    });
    if (child.pid === undefined) throw new Error('no pid');
    return new SecondProcess(child, record, child.pid);
  }

  /** Makes it release the lock and end. */
  async release(): Promise<void> {
    const gone = this.#gone();
    this.process.stdin?.end();
    await gone;
  }

  /** Kills it like a crash: the lock stays behind. */
  async kill(): Promise<void> {
    const gone = this.#gone();
    this.process.kill('SIGKILL');
    await gone;
  }

  #gone(): Promise<unknown> {
    return this.process.exitCode !== null || this.process.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => this.process.once('exit', resolve));
  }
}
