import * as path from 'node:path';
import { relativeInside } from '../../artifacts/inside';
import { ignoresCase, isWeldPath } from '../../artifacts/weldPath';
import { WeldError } from '../../errors';

/**
 * Chosen files as git knows them: relative to the top, forward slashes. @throws WeldError `INVALID_ARGUMENT`,
 * `OUTSIDE_REPOSITORY`
 */
export function chosenFiles(top: string, files: readonly string[]): readonly string[] {
  if (files.length === 0) throw new WeldError('INVALID_ARGUMENT', 'No file was chosen to commit; choose at least one.');
  return files.map((file) => {
    const absolute = path.resolve(top, file);
    const inside = file.includes('\0') ? null : relativeInside(top, absolute);
    if (inside === null || inside === '')
      throw new WeldError(
        'OUTSIDE_REPOSITORY',
        `"${file.slice(0, 120)}" is not a file of this repository; choose another.`,
      );
    const relative = inside.split(path.sep).join('/');
    if (isWeldPath(relative, ignoresCase(top)))
      throw new WeldError(
        'INVALID_ARGUMENT',
        `"${relative}" belongs to Weld and is not part of its commits; commit it with git.`,
      );
    return relative;
  });
}
