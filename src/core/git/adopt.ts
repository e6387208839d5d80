import { setTimeout as sleep } from 'node:timers/promises';
import { WeldError } from '../errors';
import { rawChanges } from './diff';
import type { GitRunner } from './run-git';
import { entryOf, putEntries, sameEntry, stagedEntries } from './tree-entries';
import type { Oid, TreeEntry } from './types';

/**
 * After a commit: gives the person's index the committed entries, where it had what HEAD had before. What the person
 * has
 * staged there beside that stays staged.
 * @param before and `after` the trees of HEAD @param taken what was staged and went into the commit
 */
export async function adoptCommit(
  git: GitRunner,
  before: Oid,
  after: Oid,
  taken: ReadonlyMap<string, TreeEntry | null> = new Map(),
): Promise<void> {
  const changes = await rawChanges(git, before, after);
  if (changes.length === 0) return;
  for (let tries = 0; ; tries++) {
    try {
      const staged = await stagedEntries(git, null, before);
      const free = ({ path }: { readonly path: string }): boolean => {
        const own = staged.get(path);
        if (own === undefined) return true;
        const used = taken.get(path);
        return used !== undefined && sameEntry(own, used);
      };
      const entries = changes
        .filter(free)
        .map((change) => ({ path: change.path, entry: entryOf(change.newMode, change.newOid) }));
      await putEntries(git, null, entries, after);
      return;
    } catch (error) {
      // The commit exists by now: an index that stays behind is no reason to report a failure.
      if (!(error instanceof WeldError) || error.code !== 'GIT_LOCKED' || tries > 50) return;
      await sleep(100);
    }
  }
}
