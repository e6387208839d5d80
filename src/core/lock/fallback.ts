import * as fs from 'node:fs';
import * as lockfile from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import { isErrno, type WeldError } from '../errors';
import { nodeFs } from './fs';
import { LockNames } from './names';
import { beaten, formatRecord } from './record';
import { surveyInput } from './request';
import { refusal, stateOf } from './state';
import { runNow } from './program';
import { end, survey } from './survey';
import { LockLostError, type LockRecord, type LockRequest, type RunLock } from './types';

/** Time in ms after which a lock of the fallback is taken from a holder that gives no sign; proper-lockfile's least is 5 s. */
const STALE_MS = 20_000;

/** How this folder's lock works: by hard links, or by `proper-lockfile` where there are none (exFAT, some shares). */
export async function lockMechanism(weldDir: string): Promise<'hard-links' | 'proper-lockfile' | 'unknown'> {
  const probe = new LockNames(weldDir).temporary(0, `probe-${process.pid}`);
  try {
    await fs.promises.mkdir(new LockNames(weldDir).folder).catch((error: unknown) => { if (!isErrno(error, 'EEXIST')) throw error; });
    await fs.promises.writeFile(probe, '');
    await fs.promises.link(probe, `${probe}-2`);
    return 'hard-links';
  } catch (error) {
    return isErrno(error) && error.syscall === 'link' ? 'proper-lockfile' : 'unknown';
  } finally {
    await Promise.all([probe, `${probe}-2`].map((file) => fs.promises.rm(file, { force: true }).catch(() => undefined)));
  }
}

/** Where hard links do not exist: `proper-lockfile` is the lock and `active.lock` its record for people and other tools. */
export async function acquireByLockfile(weldDir: string, record: LockRecord, request: LockRequest): Promise<{ lock: RunLock } | { refusal: WeldError }> {
  const { face, folder } = new LockNames(weldDir);
  const abort = new AbortController();
  const lost = new LockLostError('The run lock was taken over by another process; this operation stopped before its next write.');
  let state: 'held' | 'lost' | 'released' = 'held';
  const lose = (): void => {
    if (state !== 'held') return;
    state = 'lost';
    clearInterval(timer);
    abort.abort(lost);
  };
  let giveBack: () => Promise<void>;
  try {
    giveBack = await lockfile.lock(weldDir, { lockfilePath: `${folder}/fallback`, realpath: false, stale: STALE_MS, onCompromised: lose });
  } catch (error) {
    if (!isErrno(error, 'ELOCKED')) throw error;
    const found = runNow(nodeFs, survey(surveyInput(weldDir, request.staleAfterMs ?? STALE_MS)));
    runNow(nodeFs, end(found));
    return { refusal: refusal(stateOf({ ...found, state: found.holder ? 'live' : 'unreadable', where: found.where ?? 'other-host' })) };
  }
  // Without an epoch it is judged by its process alone, as there is no log of claims here.
  const { epoch: _none, ...withoutEpoch } = record;
  let current: LockRecord = withoutEpoch;
  await writeFileAtomic(face, formatRecord(current));
  const timer = setInterval(() => {
    current = beaten(current, Date.now());
    void writeFileAtomic(face, formatRecord(current)).catch(() => undefined);
  }, request.heartbeatMs ?? 5_000);
  timer.unref();
  const assertHeld = (): void => {
    if (state === 'held' && !lockfile.checkSync(weldDir, { lockfilePath: `${folder}/fallback`, realpath: false, stale: STALE_MS })) lose();
    if (state !== 'held') throw lost;
  };
  const release = async (): Promise<void> => {
    if (state !== 'held') return;
    state = 'released';
    clearInterval(timer);
    await fs.promises.rm(face, { force: true });
    await giveBack();
  };
  const lock = {
    weldDir, signal: abort.signal, assertHeld, release, [Symbol.asyncDispose]: release,
    get record(): LockRecord { return current; },
  };
  return { lock: lock as unknown as RunLock };
}
