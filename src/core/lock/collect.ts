import type { Claim } from './claim';
import { removeName } from './link';
import { epochsOf, isLeftOver } from './names';
import { io, type Program } from './program';

/**
 * Removes old claims, always the oldest first: whoever finds its own claim there and none above it may then trust that
 * there is no higher one. What crashes left behind goes with them. Nothing that stands in the way fails an acquisition.
 * @returns whether none of them is left
 */
export function* collect(claim: Claim, keep: number): Program<boolean> {
  const { names, epoch } = claim;
  const oldest = epoch - keep;
  const all = yield* io.list(names.folder);
  for (const name of all)
    if (isLeftOver(name, epoch, claim.record.token ?? '')) yield* removeFile(names.inFolder(name));
  // A claim that stays keeps all above it: without them its holder, once awake, would take itself for the head.
  for (const old of epochsOf(all)) if (old <= oldest && !(yield* removeFile(names.claim(old)))) return false;
  return true;
}

/** Removes a regular file; what is none is a stranger's, and nobody's claim. @returns false when a file stays */
function* removeFile(file: string): Program<boolean> {
  return (yield* io.lstat(file))?.kind === 'file' ? yield* removeName(file) : true;
}
