import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { orNull } from '../util/files';

/**
 * Reads the identifier of this start of the machine: from a file on Linux, from a program on macOS.
 * @param ask runs a program and returns its output; tests replace it
 * @returns undefined on other platforms, and when it cannot be read
 */
export function bootSession(
  platform: NodeJS.Platform = process.platform,
  ask: typeof printed = printed,
): string | undefined {
  if (platform === 'linux')
    return orNull(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? undefined;
  if (platform !== 'darwin') return undefined;
  return /^[\dA-F-]{36}$/iu.exec(ask('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']).trim())?.[0];
}

function printed(file: string, args: readonly string[]): string {
  const ran = spawnSync(file, args, { encoding: 'utf8', timeout: 2_000, env: { LC_ALL: 'C' } });
  return ran.status === 0 ? ran.stdout : '';
}
