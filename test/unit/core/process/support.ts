import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import type { LockRecord, RunLock } from '../../../../src/core/lock/runLock';
import type { GuestPrograms, ProgramResult, Programs, SupervisedRequest } from '../../../../src/core/process/ports';
import { supervisionOf } from '../../../../src/core/process/supervision';
import { WeldError } from '../../../../src/core/util/errors';
import { bundled } from '../../../support/bundles';
import { until } from '../../../support/run';

/** The supervisor, bundled as in the extension. */
export const bundledSupervisor = (): string => bundled('src/core/process/supervisor/main.ts');

export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-')));
  onTestFinished(() => {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

export interface TestLock extends RunLock {
  lose(): void;
}

/** A lock for functions that take one; the lock itself is tested elsewhere. */
export function heldLock(top: string, record: Partial<LockRecord> = {}): TestLock {
  const lost = new AbortController();
  fs.mkdirSync(path.join(top, '.weld'), { recursive: true });
  const lock = {
    weldDir: path.join(top, '.weld'),
    record: {
      pid: process.pid,
      run_id: 'r',
      command: 'test',
      started_at: '',
      last_heartbeat: '',
      host: 'here',
      boot_id: 'b',
      pid_ns: 'n',
      epoch: 7,
      ...record,
    },
    signal: lost.signal,
    assertHeld() {
      if (lost.signal.aborted) throw new WeldError('LOCK_LOST', 'lost');
    },
    release: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    lose() {
      lost.abort();
    },
  };
  return lock as unknown as TestLock;
}

/** Starts a program under the supervisor without a guard, which the product's code cannot do. */
export const supervise = (programs: Programs, request: SupervisedRequest): Promise<ProgramResult> =>
  supervisionOf(programs).supervise(request);

/** The launcher that an agent receives, without a guard. */
export const guestPrograms = (programs: Programs, lock: RunLock): GuestPrograms => ({
  supervise: (request) => supervise(programs, { ...request, lock }),
});

export { alive } from '../../../support/processes';

/** Waits until a process has written its pid into a file. */
export function pidIn(file: string): Promise<number> {
  return until(`a pid in ${file}`, () =>
    fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').trim()) || undefined : undefined,
  );
}

export function filesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}
