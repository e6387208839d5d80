import { acquire, fastReacquire, holdAgain, release, successorOf } from './acquire';
import { assertClaim, type Claim, type Claimed, type ClaimInput, closeClaims, giveUp } from './claim';
import type { LockContext } from './context';
import { inTheWay, realFolders, remake } from './folders';
import { nodeFs } from './fs';
import { heartbeat, type LockHandle, type Outcome, retryRelease } from './hold';
import { runNow } from './program';
import type { LockRecord, LockRequest } from './runLock';
import { refusal, stateOf } from './survey';

/** Tries once to take the lock by hard links. @param takeOver token of a live holder that may be displaced */
export function acquireByHardLinks(context: LockContext, request: LockRequest, takeOver: string | undefined): Outcome {
  const { names } = context;
  const input: ClaimInput = { names, record: context.newRecord(request), retryRelease };
  const again = runNow(nodeFs, fastReacquire(input, context.takeClaims()));
  if (again) return again.kind === 'acquired' ? acquired(context, again, request) : again;
  const wrong = realFolders(names);
  if (wrong) return { kind: 'refused', error: wrong };
  const got = runNow(
    nodeFs,
    acquire({
      ...context.surveyInput(request.staleAfterMs),
      ...input,
      ...(takeOver !== undefined && { takeOver }),
    }),
  );
  if (got.kind === 'refused') return { kind: 'refused', error: refusal(stateOf(got.found)) };
  return got.kind === 'acquired' ? acquired(context, got, request) : got;
}

type Got = Claimed & { readonly kind: 'acquired' };

function acquired(context: LockContext, { claim, before }: Got, { staleAfterMs }: LockRequest): Outcome {
  return { kind: 'acquired', handle: new ClaimHandle(context, claim, before, staleAfterMs) };
}

/** Holds a lock by a claim. If the whole lock was removed and no other process came, it makes a new claim. */
class ClaimHandle implements LockHandle {
  removals = 0;

  /** @param before this process's earlier claims, released and still open */
  constructor(
    private readonly context: LockContext,
    private claim: Claim,
    private before: readonly Claim[],
    private readonly staleAfterMs: number | undefined,
  ) {}

  get weldDir(): string {
    return this.claim.names.weldDir;
  }
  get record(): LockRecord {
    return this.claim.record;
  }

  assert(): boolean {
    return runNow(nodeFs, assertClaim(this.claim)) || this.holdAgain();
  }

  beat(at: number): boolean {
    return this.assert() && runNow(nodeFs, heartbeat(this.claim, at));
  }

  release(): void {
    if (runNow(nodeFs, release(this.claim))) this.context.keepClaims([...this.before, this.claim]);
    else this.letGo(false);
  }

  /** The claim may still be the head behind a foreign face, so it is marked free: it must not keep others out. */
  lose(): void {
    this.letGo(runNow(nodeFs, giveUp(this.claim)));
  }

  /** Only for the message about the lost lock, so a failure gives null. */
  successor(): LockRecord | null {
    try {
      const input = this.context.surveyInput();
      return inTheWay(input.names) === null ? runNow(nodeFs, successorOf(input, this.record)) : null;
    } catch {
      return null;
    }
  }

  private holdAgain(): boolean {
    if (!remake(this.context.names)) return false;
    const input = { ...this.context.surveyInput(this.staleAfterMs), retryRelease };
    const next = runNow(nodeFs, holdAgain(input, this.claim));
    if (!next) return false;
    this.closeBefore();
    this.claim = next;
    this.removals += 1;
    return true;
  }

  /** @param free whether the claim was marked free on disk; if not, this is retried */
  private letGo(free: boolean): void {
    this.closeBefore();
    if (!free) retryRelease(this.claim);
  }

  private closeBefore(): void {
    runNow(nodeFs, closeClaims(this.before));
    this.before = [];
  }
}
