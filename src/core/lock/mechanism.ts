import { randomUUID } from 'node:crypto';
import { isErrno } from '../util/errors';
import type { LockContext } from './context';
import { inTheWay } from './folders';
import { nodeFs } from './fs';
import type { LockNames } from './names';
import type { LockMechanism } from './runLock';

/** What a file system says that has no hard links; the last is Windows' word. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'];

/** The system refused to make a hard link; whether it refuses all, only a try with a file of one's own tells. */
export function isLinkRefusal(error: unknown): boolean {
  return isErrno(error, ...NO_LINKS) && error.syscall === 'link';
}

/** Tries a hard link between two names of the lock's own, once for each folder. */
export function findMechanism(context: LockContext): LockMechanism {
  if (context.mechanism) return context.mechanism;
  const found = probe(context.names);
  if (found !== 'unknown') context.mechanism = found;
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
