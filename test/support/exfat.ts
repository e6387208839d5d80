import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const done = (file: string, ...args: string[]): string | null => {
  const ran = spawnSync(file, args, { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim() : null;
};

/** A disk that treats `a` and `A` as the same name and has no hard links, like most memory sticks. */
export interface Disk {
  readonly folder: string;
  remove(): void;
}

/** @returns null if this system or user cannot mount one */
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
    // Works even while a program uses it as its working directory.
    done('umount', '--lazy', folder);
    done('losetup', '--detach', loop);
  };
  // If a test file fails to load, no test cleans up after it.
  process.once('exit', remove);
  return {
    folder,
    remove() {
      remove();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
