import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const done = (file: string, ...args: string[]): string | null => {
  const ran = spawnSync(file, args, { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim() : null;
};

/** A disk that takes `a` and `A` for one name and has no hard links, as memory sticks have it. */
export interface Disk {
  readonly folder: string;
  remove(): void;
}

/** @returns null where this system or this user cannot mount one */
export function exfatDisk(): Disk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-disk-'));
  const [image, folder] = [path.join(home, 'image'), path.join(home, 'disk')];
  fs.mkdirSync(folder);
  fs.writeFileSync(image, '');
  fs.truncateSync(image, 32 * 1024 * 1024);
  const loop = done('mkfs.exfat', image) === null ? null : done('losetup', '--find', '--show', image);
  if (loop === null) return null;
  if (done('mount.exfat-fuse', '-o', 'umask=0022', loop, folder) === null) {
    done('losetup', '--detach', loop);
    return null;
  }
  let there = true;
  const remove = (): void => {
    if (!there) return;
    there = false;
    // Also while a program still stands in it.
    done('umount', '--lazy', folder);
    done('losetup', '--detach', loop);
  };
  // A file that fails to load has no test to clean up behind.
  process.once('exit', remove);
  return {
    folder,
    remove() {
      remove();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
