import type { Claim } from './claim';
import { type Claimed, type ClaimInput, claimNext, closeAll } from './claimNext';
import { io, type Program } from './program';

/**
 * The next turn of a process whose turn was the last: there is nothing to judge, and nothing to read.
 * @param claims this process's, the oldest first and without a gap, freed and still open; the call uses them up
 * @returns null when anything else has happened since, having written nothing
 */
export function* ownTurn(input: ClaimInput, claims: readonly Claim[]): Program<Claimed | null> {
  const own = [...claims];
  const [oldest, last] = [own[0], own.at(-1)];
  let got: Claimed | null = null;
  try {
    if (oldest && last && (yield* nothingElse(oldest, last)))
      got = yield* claimNext(input, last.epoch, last.stat, null, own);
  } finally {
    // Somebody came after them, and numbers would be left out.
    if (got?.kind !== 'acquired') yield* closeAll(own);
  }
  return got;
}

/**
 * The oldest where it was: then these are still the same folders, and it is no stranger's file that is made a claim. No
 * face, and no claim after the last: then that is still the head, or it was collected, which is seen when the next one
 * is claimed. It is open, so that its number can be no other file's.
 */
function* nothingElse(oldest: Claim, { names, next }: Claim): Program<boolean> {
  if (!(yield* io.is(oldest.file, oldest.stat))) return false;
  if (yield* io.lstat(names.face)) return false;
  return !(yield* io.exists(next));
}
