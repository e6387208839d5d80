import { randomUUID } from 'node:crypto';
import { isErrno } from '../util/errors';
import type { LockContext } from './context';
import { inTheWay } from './folders';
import { nodeFs } from './fs';
import type { LockNames } from './lockNames';
import type { LockMechanism } from './runLock';

/** Error codes of file systems that have no hard links; Windows gives the last one. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'];

/** Whether the system refused to make a hard link. Only a try with a file of our own shows whether it refuses all. */
export function isLinkRefusal(error: unknown): boolean {
  return isErrno(error, ...NO_LINKS) && error.syscall === 'link';
}

/** Finds the mechanism by trying a hard link in the lock's folder, once for each folder. */
export function findMechanism(context: LockContext): LockMechanism {
  if (context.mechanism) return context.mechanism;
  const found = probe(context.names);
  if (found !== 'unknown') context.mechanism = found;
  return found;
}

function probe(names: LockNames): LockMechanism {
  const token = randomUUID();
  // If this process dies in between, `collect` removes files with these names.
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
