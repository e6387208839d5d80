import * as fs from 'node:fs';
import * as path from 'node:path';
import { WeldPaths } from './paths';

/**
 * Whether a path that git gives is Weld's own.
 * @param name relative to the top, with forward slashes
 * @param ignoreCase whether the disk takes `.WELD` for `.weld`: elsewhere that is a folder of the person's
 */
export function isWeldPath(name: string, ignoreCase: boolean): boolean {
  const at = name.indexOf('/');
  const first = at < 0 ? name : name.slice(0, at);
  return first === WeldPaths.folderName || (ignoreCase && first.toLowerCase() === WeldPaths.folderName);
}

/** Whether the disk takes `.WELD` for `.weld`, as it shows by what is there now. @param top absolute path of the repository's top folder */
export function ignoresCase(top: string): boolean {
  const look = (name: string): fs.BigIntStats | undefined => fs.lstatSync(path.join(top, name), { bigint: true, throwIfNoEntry: false });
  const [lower, upper] = [look(WeldPaths.folderName), look(WeldPaths.folderName.toUpperCase())];
  return lower !== undefined && upper !== undefined && lower.ino === upper.ino && lower.dev === upper.dev;
}
