import * as fs from 'node:fs';
import * as path from 'node:path';
import { run } from '../run';

/**
 * System programs that some tests need, with their Debian packages. Without one, these tests are skipped with a
 * message.
 */
const WANTED = [
  ['bwrap', 'bubblewrap'],
  ['git-lfs', 'git-lfs'],
  ['socat', 'socat'],
  ['pre-commit', 'pre-commit'],
  ['mkfs.exfat', 'exfatprogs'],
  ['mount.exfat-fuse', 'exfat-fuse'],
] as const;

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => path.isAbsolute(folder) && fs.existsSync(path.join(folder, name)));

/** Installs missing programs as root on Debian; elsewhere names what to install. */
export async function ensureSystem(): Promise<void> {
  const missing = WANTED.filter(([name]) => !onPath(name)).map(([, name]) => name);
  if (missing.length === 0) return;
  if (fs.existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stderr.write(`Installing ${missing.join(' and ')} (once) …\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=600'], { env, timeoutMs: 600_000 });
    const brought = await run(
      'apt-get',
      [
        'install',
        '-y',
        '-q',
        '--no-install-recommends',
        '-o',
        'DPkg::Lock::Timeout=600',
        '-o',
        'Acquire::Retries=3',
        ...missing,
      ],
      { env, timeoutMs: 900_000 },
    );
    if (brought.code === 0) return;
  }
  process.stderr.write(
    `Not here: ${missing.join(', ')}. The tests that need them are skipped; install them to run these too.\n`,
  );
}
