import { isErrno, reason, WeldError } from '../errors';
import { acquire, type Acquired } from './acquire';
import { acquireByLockfile } from './fallback';
import { nodeFs } from './fs';
import { hold } from './hold';
import { runNow, type Program } from './program';
import { newRecord, surveyInput } from './request';
import { OwnClaims } from './own';
import { realFolders } from './folders';
import { refusal, stateOf } from './state';
import { end, survey, type SurveyInput } from './survey';
import type { LockRecord, LockRequest, LockState, RunLock } from './types';
import { untilItMayBeFree } from './wait';

export { describeHolder, describeLock } from './describe';
export { lockMechanism } from './fallback';
export { requestStop, watchStopRequests } from './stop';
export { LockHeldError, LockLostError } from './types';
export type { LockRecord, LockRequest, LockState, RunLock } from './types';

const HEARTBEAT_MS = 5_000;
const STALE_AFTER_MS = 60_000;
const ownClaims = new OwnClaims(nodeFs);

/** Contenders that meet judge again at once; far more rounds than any meeting was seen to take. */
const MAX_RACES = 100;

/**
 * Takes the run lock, or refuses having written nothing.
 * @param weldDir absolute path of the `.weld` folder, which exists
 * @throws LockHeldError `LOCK_HELD` naming the holder; WeldError `LOCK_UNREADABLE`, `CANCELLED`, `NOT_WRITABLE`, `DISK_FULL`
 */
export async function acquireRunLock(weldDir: string, request: LockRequest): Promise<RunLock> {
  const deadline = request.wait ? performance.now() + request.wait.timeoutMs : 0;
  for (;;) {
    const got = await attempt(weldDir, request, undefined);
    if ('lock' in got) return got.lock;
    const left = deadline - performance.now();
    if (!request.wait || left <= 0) throw got.refusal;
    await untilItMayBeFree(weldDir, left, request.wait.signal);
  }
}

/**
 * Takes the lock from a live holder, by a person's decision.
 * @param expectedToken the token of the record that the person was shown
 * @throws WeldError `LOCK_TOKEN_CHANGED` when somebody else holds it by now; else as `acquireRunLock`
 */
export async function takeOverLock(weldDir: string, expectedToken: string, request: LockRequest): Promise<RunLock> {
  const got = await attempt(weldDir, request, expectedToken);
  if ('lock' in got) return got.lock;
  if (got.refusal.code !== 'LOCK_HELD') throw got.refusal;
  throw new WeldError('LOCK_TOKEN_CHANGED', 'The run lock is no longer held by whom you were shown; look at it again before you take it over.', {
    cause: got.refusal, action: { title: 'Show Lock', command: 'weld.lock.show' },
  });
}

/** Reads the lock and judges it; writes nothing. */
export async function inspectLock(weldDir: string): Promise<LockState> {
  await Promise.resolve();
  return runNow(nodeFs, inspect(surveyInput(weldDir, STALE_AFTER_MS)));
}

function* inspect(input: SurveyInput): Program<LockState> {
  const found = yield* survey(input);
  yield* end(found);
  return stateOf(found);
}

type Attempt = { readonly lock: RunLock } | { readonly refusal: WeldError };

async function attempt(weldDir: string, request: LockRequest, takeOver: string | undefined): Promise<Attempt> {
  for (let race = 0; race < MAX_RACES; race++) {
    let result: Acquired;
    try {
      // The first attempt may skip all reading; whoever raced has to judge.
      const last = race === 0 ? ownClaims.last(weldDir) : undefined;
      const wrong = realFolders(weldDir);
      if (wrong) return { refusal: wrong };
      result = runNow(nodeFs, acquire({
        ...surveyInput(weldDir, request.staleAfterMs ?? STALE_AFTER_MS), record: newRecord(request), ...(takeOver !== undefined && { takeOver }), ...(last && { last }),
      }));
    } catch (error) {
      if (isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS') && error.syscall === 'link') return acquireByLockfile(weldDir, newRecord(request), request);
      throw unwritable(weldDir, error);
    }
    if (result.kind === 'acquired') {
      const { claim } = result;
      return { lock: hold(claim, { fs: nodeFs, heartbeatMs: request.heartbeatMs ?? HEARTBEAT_MS, now: Date.now, successor: () => successorOf(weldDir, claim.record), released: (freed) => { ownClaims.keep(weldDir, freed); } }) };
    }
    if (result.kind === 'refused') return { refusal: refusal(stateOf(result.found)) };
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { refusal: new WeldError('LOCK_UNREADABLE', 'The run lock changes hands faster than it can be taken; wait a moment and try again.') };
}

/** Who is the head now, as far as it can be read; for the sentence of the one who lost. */
function successorOf(weldDir: string, own: LockRecord): LockRecord | null {
  try {
    const state = runNow(nodeFs, inspect(surveyInput(weldDir, STALE_AFTER_MS)));
    return 'holder' in state && state.holder.token !== own.token ? state.holder : null;
  } catch {
    return null;
  }
}

function unwritable(weldDir: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) return new WeldError('DISK_FULL', `There is no space left to take the run lock in ${weldDir}; free some and try again.`, { cause: error });
  if (isErrno(error, 'ENOENT')) return new WeldError('NOT_WRITABLE', `The folder ${weldDir} is not there; run "Weld: Initialize" first.`, { cause: error });
  return new WeldError('NOT_WRITABLE', `The run lock cannot be taken in ${weldDir} (${reason(error)}); give yourself write access to that folder and try again.`, { cause: error });
}
