import { acquire, fastReacquire, type HoldAgainInput, holdAgain, release } from '../../src/core/lock/acquire';
import { assertClaim, type Claim, giveUp } from '../../src/core/lock/claim';
import { heartbeat } from '../../src/core/lock/hold';
import { LockNames } from '../../src/core/lock/lockNames';
import { io, type Program } from '../../src/core/lock/program';
import { formatRecord, freed } from '../../src/core/lock/record';
import { end, Observations, type SurveyInput, survey } from '../../src/core/lock/survey';
import type { Around, Design } from './design';
import type { MemoryFs } from './memoryFs';

const names = new LockNames('/w');

function input(around: Around): SurveyInput {
  return {
    names,
    now: around.now,
    staleAfterMs: 60_000,
    observations: new Observations(() => 0),
    self: { pid: around.pid, host: 'h', boot_id: 'b', pid_ns: 'n' },
    processes: { self: () => ({ pid: around.pid, host: 'h' }), mayLive: (pid) => around.mayLive(pid) },
  };
}

/** Creates claims 1 to `count`, all released, as earlier use of the lock leaves them. */
export function freeClaims(fs: MemoryFs, count: number): void {
  for (let epoch = 1; epoch <= count; epoch++) {
    const handle = fs.createNew(names.claim(epoch));
    fs.write(
      handle,
      formatRecord(
        freed({ pid: 1, run_id: 'r', command: 'c', started_at: 's', last_heartbeat: 's', host: 'h', epoch }),
      ),
    );
    fs.close(handle);
  }
}

/** A lock held by one process, with its earlier claims. */
interface Held {
  claim: Claim;
  readonly before: Claim[];
}

/** Like `ClaimHandle`. */
function* still(again: HoldAgainInput, held: Held): Program<boolean> {
  if (yield* assertClaim(held.claim)) return true;
  const next = yield* holdAgain(again, held.claim);
  if (next) held.claim = next;
  else yield* giveUp(held.claim);
  for (const { handle } of held.before.splice(0)) yield* io.close(handle);
  return next !== null;
}

/** The real code of `src/core/lock`, with all its file calls. @param keep number of claims that are not collected */
export const weldKeeping = (keep: number): Design<Held> => ({
  name: 'weld',
  *acquire(around, last, takeOver) {
    const record = {
      // Lengths vary, because a file may get a longer or a shorter record.
      pid: around.pid,
      run_id: 'r',
      command: 'c'.repeat(1 + 9 * (Number(around.token.at(-3)) % 3)),
      started_at: 's',
      last_heartbeat: 's',
      host: 'h',
      boot_id: 'b',
      pid_ns: 'n',
      token: around.token,
      epoch: 0,
      heartbeat_at_ms: 0,
      state: 'held' as const,
    };
    const own = last ? yield* fastReacquire({ names, record, keep }, [...last.before, last.claim]) : null;
    const result =
      own ?? (yield* acquire({ ...input(around), record, keep, ...(takeOver !== undefined && { takeOver }) }));
    return result.kind === 'acquired' ? { claim: result.claim, before: [...result.before] } : null;
  },
  assertHeld: (around, held) => still({ ...input(around), keep }, held),
  *heartbeat(around, held) {
    return (yield* still({ ...input(around), keep }, held)) && (yield* heartbeat(held.claim, 1));
  },
  *release(_around, { claim }) {
    yield* release(claim);
  },
  *show(around) {
    const found = yield* survey(input(around));
    yield* end(found);
    return found.state === 'live' ? (found.holder?.token ?? null) : null;
  },
  copy: ({ claim, before }) => ({ claim: { ...claim }, before: [...before] }),
  epoch: ({ claim }) => claim.epoch,
  proofIsFace: false,
  damaged(fs, { claim }) {
    const file = names.claim(claim.epoch);
    const text = fs.text(file);
    if (text?.includes(`"${claim.record.token ?? ''}"`)) return null;
    // If there is a later claim, this one is over: it may be collected, and a process that slept may link its own file
    // by that name. But nobody may change the holder's own file.
    const another = fs.inodeOf(file) !== Number(claim.stat.ino);
    if (another && fs.fileNames().some((name) => name.startsWith('/w/lock/e-') && name > file)) return null;
    return text === undefined || another ? 'is gone' : 'was changed';
  },
});
