import { spawnSync } from 'node:child_process';

/** Asked once: it changes with the next start of the machine only. */
let known: string | undefined;

/**
 * What names this start of the machine on macOS, where no file tells it; the host name changes there with the network.
 * @param ask runs a program and gives what it printed; replaced in tests
 * @returns undefined elsewhere, and where it cannot be asked
 */
export function bootSession(
  platform: NodeJS.Platform = process.platform,
  ask: typeof printed = printed,
): string | undefined {
  if (platform !== 'darwin') return undefined;
  const id = known ?? /^[\dA-F-]{36}$/iu.exec(ask('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']).trim())?.[0];
  if (ask === printed) known = id;
  return id;
}

function printed(file: string, args: readonly string[]): string {
  const ran = spawnSync(file, args, { encoding: 'utf8', timeout: 2_000, env: { LC_ALL: 'C' } });
  return ran.status === 0 ? ran.stdout : '';
}
