import { isErrno, WeldError } from '../util/errors';
import { LockContext } from './context';
import { acquireByLockfile } from './fallback';
import { inTheWay, unwritable } from './folders';
import { nodeFs } from './fs';
import { acquireByHardLinks } from './hardLinks';
import { hold } from './hold';
import { SystemProcesses } from './identity';
import { findMechanism, isLinkRefusal } from './mechanism';
import { type Program, runNow } from './program';
import type { LockMechanism, LockRequest, LockState, RunLock } from './runLock';
import { end, type SurveyInput, stateOf, survey } from './survey';
import { untilItMayBeFree } from './wait';

/** Default time between two heartbeats, in ms. */
const HEARTBEAT_MS = 5_000;

/** Maximum number of attempts when processes contend: each judges again at once. Far fewer have ever been needed. */
const MAX_RACES = 100;

/** Manages the run locks of all `.weld` folders that this process works in, and owns all of the lock's state. */
export class LockManager {
  private readonly contexts = new Map<string, LockContext>();
  private readonly processes = new SystemProcesses();

  /** See `acquireRunLock`. */
  async acquire(weldDir: string, request: LockRequest): Promise<RunLock> {
    const deadline = request.wait ? performance.now() + request.wait.timeoutMs : 0;
    for (;;) {
      const got = await attempt(this.context(weldDir), request, undefined);
      if ('lock' in got) return got.lock;
      const left = deadline - performance.now();
      if (!request.wait || left <= 0) throw got.refusal;
      await untilItMayBeFree(weldDir, left, request.wait.signal);
    }
  }

  /** See `takeOverLock`. */
  async takeOver(weldDir: string, expectedToken: string, request: LockRequest): Promise<RunLock> {
    const got = await attempt(this.context(weldDir), request, expectedToken);
    if ('lock' in got) return got.lock;
    if (got.refusal.code !== 'LOCK_HELD') throw got.refusal;
    throw new WeldError(
      'LOCK_TOKEN_CHANGED',
      'The holder of the run lock has changed since you looked; check it again before you take it over.',
      {
        cause: got.refusal,
      },
    );
  }

  /** See `inspectLock`. */
  inspect(weldDir: string): LockState {
    const context = this.context(weldDir);
    try {
      const why = inTheWay(context.names);
      return why === null ? runNow(nodeFs, inspect(context.surveyInput())) : { kind: 'unreadable', why };
    } catch (error) {
      if (!isErrno(error)) throw error;
      return { kind: 'unreadable', why: `${context.names.folder}: it cannot be read (${String(error.code)})` };
    }
  }

  /** See `lockMechanism`. */
  mechanism(weldDir: string): LockMechanism {
    return findMechanism(this.context(weldDir));
  }

  /** See `forgetOwnClaims`. */
  forgetOwnClaims(weldDir: string): void {
    this.contexts.get(weldDir)?.closeClaims();
  }

  private context(weldDir: string): LockContext {
    let context = this.contexts.get(weldDir);
    if (!context) this.contexts.set(weldDir, (context = new LockContext(weldDir, this.processes)));
    return context;
  }
}

function* inspect(input: SurveyInput): Program<LockState> {
  const found = yield* survey(input);
  yield* end(found);
  return stateOf(found);
}

type Attempt = { readonly lock: RunLock } | { readonly refusal: WeldError };

async function attempt(context: LockContext, request: LockRequest, takeOver: string | undefined): Promise<Attempt> {
  const { heartbeatMs = HEARTBEAT_MS, staleAfterMs } = request;
  for (let race = 0; race < MAX_RACES; race++) {
    try {
      const got =
        context.mechanism === 'proper-lockfile'
          ? await acquireByLockfile(context.surveyInput(staleAfterMs), context.newRecord(request), takeOver)
          : acquireByHardLinks(context, request, takeOver);
      if (got.kind === 'acquired') return { lock: hold(got.handle, heartbeatMs) };
      if (got.kind === 'refused') return { refusal: got.error };
    } catch (error) {
      if (!isLinkRefusal(error) || context.mechanism || findMechanism(context) !== 'proper-lockfile')
        throw unwritable(context.names.weldDir, error);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    refusal: new WeldError(
      'LOCK_UNREADABLE',
      'The run lock changes hands too quickly to be acquired; wait a moment and try again.',
    ),
  };
}
