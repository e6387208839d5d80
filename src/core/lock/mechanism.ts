import { randomUUID } from 'node:crypto';
import { isErrno } from '../util/errors';
import { inTheWay } from './folders';
import { nodeFs } from './fs';
import { LockNames } from './names';

export type LockMechanism = 'hard-links' | 'proper-lockfile' | 'unknown';

/** What a file system says that has no hard links; the last is Windows' word. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'];

const known = new Map<string, LockMechanism>();

/** The system refused to make a hard link; whether it refuses all, only a try with a file of one's own tells. */
export function isLinkRefusal(error: unknown): boolean {
  return isErrno(error, ...NO_LINKS) && error.syscall === 'link';
}

/** What was found out before, by this process; finds nothing out. */
export function knownMechanism(weldDir: string): LockMechanism | undefined {
  return known.get(weldDir);
}

/** Tries a hard link between two names of the lock's own, once for each folder. */
export function findMechanism(weldDir: string): LockMechanism {
  const before = known.get(weldDir);
  if (before) return before;
  const found = probe(new LockNames(weldDir));
  if (found !== 'unknown') known.set(weldDir, found);
  return found;
}

function probe(names: LockNames): LockMechanism {
  const token = randomUUID();
  // Names that a collection clears away, should this process die in between.
  const [first, second] = [names.temporary(0, token), names.aside(0, token)];
  try {
    if (inTheWay(names) !== null) return 'unknown';
    nodeFs.mkdir(names.folder);
    nodeFs.close(nodeFs.createNew(first));
    nodeFs.link(first, second);
    return 'hard-links';
  } catch (error) {
    if (!isErrno(error)) throw error;
    return isLinkRefusal(error) ? 'proper-lockfile' : 'unknown';
  } finally {
    for (const file of [first, second]) remove(file);
  }
}

function remove(file: string): void {
  try {
    nodeFs.unlink(file);
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
}

/** How this folder's lock works: by hard links, or by `proper-lockfile` where there are none (exFAT, some shares). */
export async function lockMechanism(weldDir: string): Promise<LockMechanism> {
  await Promise.resolve();
  return findMechanism(weldDir);
}
