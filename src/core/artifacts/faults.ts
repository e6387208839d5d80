import { isErrno, reason, WeldError } from '../errors';

/** A missing disk, right or space as the sentence a person can act on. */
export function writeError(file: string, error: unknown): WeldError {
  if (error instanceof WeldError) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    return new WeldError(
      'DISK_FULL',
      `There is no space left to write ${file}; free some and try again, nothing was lost.`,
      { cause: error },
    );
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS'))
    return new WeldError(
      'NOT_WRITABLE',
      `${file} cannot be written; give yourself write access to the .weld folder and try again.`,
      { cause: error },
    );
  return new WeldError(
    'NOT_WRITABLE',
    `${file} cannot be written (${reason(error)}); what it held before is unchanged.`,
    { cause: error },
  );
}

export function outside(file: string): WeldError {
  return new WeldError('OUTSIDE_REPOSITORY', `${file} leads out of .weld; remove the link and try again.`);
}

export function damaged(file: string, fault: string, cause?: unknown): WeldError {
  return new WeldError(
    'DAMAGED_FILE',
    `${file} ${fault}; restore it from a backup or remove it, Weld does not overwrite it.`,
    { cause },
  );
}
