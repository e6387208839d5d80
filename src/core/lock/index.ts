import { isErrno, WeldError } from '../util/errors';
import { acquireByLockfile } from './fallback';
import { inTheWay, unwritable } from './folders';
import { nodeFs } from './fs';
import { acquireByHardLinks } from './hardLinks';
import { hold } from './hold';
import { findMechanism, isLinkRefusal, knownMechanism } from './mechanism';
import { LockNames } from './names';
import { type Program, runNow } from './program';
import { newRecord, surveyInput } from './request';
import type { LockRequest, LockState, RunLock } from './runLock';
import { end, type SurveyInput, stateOf, survey } from './survey';
import { untilItMayBeFree } from './wait';

export { forgetOwnClaims } from './hardLinks';
export { lockMechanism } from './mechanism';
export { describeHolder, describeLock } from './record';
export { requestStop, watchStopRequests } from './requestStop';
export type { LockRecord, LockRequest, LockState, RunLock } from './runLock';
export { LockHeldError, LockLostError } from './runLock';

const HEARTBEAT_MS = 5_000;

/** Contenders that meet judge again at once; far more rounds than any meeting was seen to take. */
const MAX_RACES = 100;

/**
 * Takes the run lock, or refuses having written nothing.
 * @param weldDir absolute path of the `.weld` folder, which exists
 * @throws LockHeldError `LOCK_HELD` naming the holder; WeldError `LOCK_UNREADABLE`, `CANCELLED`, `NOT_WRITABLE`,
 *   `DISK_FULL`
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
  throw new WeldError(
    'LOCK_TOKEN_CHANGED',
    'The holder of the run lock has changed since you looked; look at it again before you take it over.',
    {
      cause: got.refusal,
      action: { title: 'Show Lock', command: 'weld.lock.show' },
    },
  );
}

/** Reads the lock and judges it; writes nothing and fails on nothing: what cannot be read is told of as such. */
export async function inspectLock(weldDir: string): Promise<LockState> {
  await Promise.resolve();
  try {
    const input = surveyInput(weldDir);
    const why = inTheWay(input.names);
    return why === null ? runNow(nodeFs, inspect(input)) : { kind: 'unreadable', why };
  } catch (error) {
    if (!isErrno(error)) throw error;
    return { kind: 'unreadable', why: `${new LockNames(weldDir).folder}: it cannot be read (${String(error.code)})` };
  }
}

function* inspect(input: SurveyInput): Program<LockState> {
  const found = yield* survey(input);
  yield* end(found);
  return stateOf(found);
}

type Attempt = { readonly lock: RunLock } | { readonly refusal: WeldError };

async function attempt(weldDir: string, request: LockRequest, takeOver: string | undefined): Promise<Attempt> {
  const heartbeatMs = request.heartbeatMs ?? HEARTBEAT_MS;
  for (let race = 0; race < MAX_RACES; race++) {
    try {
      const got =
        knownMechanism(weldDir) === 'proper-lockfile'
          ? await acquireByLockfile(surveyInput(weldDir, request.staleAfterMs), newRecord(request), takeOver)
          : acquireByHardLinks(weldDir, request, takeOver);
      if (got.kind === 'acquired') return { lock: hold(got.handle, heartbeatMs) };
      if (got.kind === 'refused') return { refusal: got.error };
    } catch (error) {
      if (!isLinkRefusal(error) || knownMechanism(weldDir) || findMechanism(weldDir) !== 'proper-lockfile')
        throw unwritable(weldDir, error);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    refusal: new WeldError(
      'LOCK_UNREADABLE',
      'The run lock changes hands faster than it can be taken; wait a moment and try again.',
    ),
  };
}
