import * as fs from 'node:fs';

/** Only the system's own: a program that a repository or a guest could have put there would shut in nobody. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'] as const;

/** @returns the absolute path of bubblewrap, or null where there is none that belongs to the system */
export function findBubblewrap(): string | null {
  if (process.platform !== 'linux') return null;
  for (const folder of FOLDERS) {
    try {
      const file = fs.realpathSync(`${folder}/bwrap`);
      const stat = fs.statSync(file);
      const writableByOthers = (stat.mode & 0o022) !== 0;
      if (stat.isFile() && stat.uid === 0 && !writableByOthers) return file;
    } catch {
      // not there
    }
  }
  return null;
}
