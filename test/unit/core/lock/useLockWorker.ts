import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { bundleLockWorker, LockWorker } from './lockWorkers';
import { WeldFolder } from './weldFolder';

/** Gives each test its own `.weld` folder, and another process that can lock it. */
export interface LockWorkerInFolder {
  readonly weld: WeldFolder;
  readonly worker: LockWorker;
}

/** @param uid the user that the process runs as */
export function useLockWorker(uid?: number): LockWorkerInFolder {
  let program = '';
  let now: { readonly weld: WeldFolder; readonly worker: LockWorker } | undefined;
  const current = (): { readonly weld: WeldFolder; readonly worker: LockWorker } => {
    if (now === undefined) throw new Error('no test is running');
    return now;
  };
  beforeAll(async () => {
    program = await bundleLockWorker();
  });
  afterAll(() => {
    fs.rmSync(program, { force: true });
  });
  beforeEach(() => {
    const weld = new WeldFolder();
    now = { weld, worker: LockWorker.start(program, weld.dir, uid) };
  });
  afterEach(async () => {
    await now?.worker.kill();
    now?.weld.remove();
    now = undefined;
  });
  return {
    get weld() {
      return current().weld;
    },
    get worker() {
      return current().worker;
    },
  };
}
