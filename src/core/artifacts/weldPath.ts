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

/**
 * Whether the disk takes `.WELD` for `.weld`: it finds both, and lists one. Numbers of files do not tell, as some disks
 * give
 * each name its own. @param top absolute path of the repository's top folder
 */
export function ignoresCase(top: string): boolean {
  const [lower, upper] = [WeldPaths.folderName, WeldPaths.folderName.toUpperCase()];
  if (![lower, upper].every((name) => fs.lstatSync(path.join(top, name), { throwIfNoEntry: false }))) return false;
  const listed = new Set(fs.readdirSync(top));
  return !(listed.has(lower) && listed.has(upper));
}
