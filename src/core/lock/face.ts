import { isErrno } from '../errors';
import type { Claim } from './claim';
import { type FileStat, sameFile } from './fs';
import { linkNew, removeName } from './link';
import { close, look } from './look';
import type { LockNames } from './names';
import { io, type Program } from './program';
import type { LockRecord } from './types';

export type FaceResult = 'mine' | 'foreign';

/**
 * Puts the claim's face on `active.lock`. What stands there is displaced only when `mayDisplace` says so of the very
 * file that is then moved: it is renamed aside, compared, and put back when it turns out to be another.
 */
export function* showFace(
  claim: Claim,
  aside: string,
  mayDisplace: (record: LockRecord | null, stat: FileStat) => boolean,
): Program<FaceResult> {
  const { names } = claim;
  for (;;) {
    if (yield* linkNew(claim.file, names.face)) return 'mine';
    // The claim's own name is gone, collected by a later holder or with the whole log: then nothing can be linked, nor
    // moved aside.
    if (!(yield* io.is(claim.file, claim.stat))) return 'foreign';
    const there = yield* look(names.face);
    if (!there) continue;
    try {
      if (sameFile(there.stat, claim.stat)) return 'mine';
      if (!mayDisplace(there.record, there.stat)) return 'foreign';
      yield* displace(names, aside, there.stat);
    } finally {
      yield* close(there);
    }
  }
}

/** Takes `active.lock` away if it is the file `judged`; anything else that was caught is put back. */
export function* displace(names: LockNames, aside: string, judged: FileStat): Program<void> {
  try {
    yield* io.rename(names.face, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if (!(yield* io.is(aside, judged))) yield* linkNew(aside, names.face);
  yield* removeName(aside);
}
