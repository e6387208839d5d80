import { isErrno } from '../errors';
import { io, type Program } from './program';

/** Links a name to a file. @returns false when the name exists: somebody else was first */
export function* linkNew(from: string, to: string): Program<boolean> {
  try {
    yield* io.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
}

/** @returns false when it stays; then it is left over, for a later holder to collect */
export function* removeName(file: string): Program<boolean> {
  try {
    yield* io.unlink(file);
  } catch (error) {
    if (!isErrno(error)) throw error;
    return error.code === 'ENOENT';
  }
  return true;
}
