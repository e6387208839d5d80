import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import lockfile from 'proper-lockfile';
import { cache } from '../paths';
import { mustRun } from '../run';

/** A VS Code server and its Node. */
export interface ServerFiles {
  readonly node: string;
  readonly vscode: string;
}

/**
 * Creates a folder of the cache completely or not at all, even with other processes doing the same. @param fill creates
 * the content in a given folder
 */
export async function installOnce(dest: string, fill: (aside: string) => Promise<void>): Promise<void> {
  const ready = path.join(dest, '.ready');
  if (fs.existsSync(ready)) return;
  fs.mkdirSync(cache, { recursive: true });
  const release = await lockfile.lock(cache, {
    lockfilePath: path.join(cache, '.server.lock'),
    stale: 30_000,
    retries: { retries: 300, minTimeout: 1000, maxTimeout: 1000 },
  });
  try {
    if (fs.existsSync(ready)) return;
    const aside = fs.mkdtempSync(path.join(cache, 'server.'));
    try {
      await fill(aside);
      fs.writeFileSync(path.join(aside, '.ready'), '');
      fs.rmSync(dest, { recursive: true, force: true });
      fs.renameSync(aside, dest);
    } finally {
      fs.rmSync(aside, { recursive: true, force: true });
    }
  } finally {
    await release();
  }
}

/** Runs npm with its own configuration, independent of the person's. */
export const npmEnv = {
  ...process.env,
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_ignore_scripts: 'true',
  npm_config_loglevel: 'error',
};

/** @returns the path of the package's archive, whose hash has been checked */
export async function fetchPackage(what: { name: string; version: string; sri: string }, dir: string): Promise<string> {
  fs.mkdirSync(dir);
  const printed = await mustRun('npm', ['pack', '--silent', `${what.name}@${what.version}`], { cwd: dir, env: npmEnv });
  const tarball = path.join(dir, printed.trim().split('\n').at(-1) ?? '');
  const got = `sha512-${crypto.createHash('sha512').update(fs.readFileSync(tarball)).digest('base64')}`;
  if (got !== what.sri) throw new Error(`${what.name}@${what.version} is ${got}, expected ${what.sri}`);
  return tarball;
}
