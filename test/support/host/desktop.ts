import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { download } from '@vscode/test-electron';
import { cache } from '../paths';
import { VSCODE_VERSION } from './install-newest';

/** The source of the desktop build; requested only to see whether it answers. */
const SERVICE = 'https://update.code.visualstudio.com/api/releases/stable';

/**
 * The executable of the desktop build, if it can be downloaded and starts, which needs a display and libraries;
 * otherwise fails within seconds. `WELD_HOST=server` or `desktop` decides without a probe. @returns undefined if the
 * server must be used instead
 */
export async function findDesktop(): Promise<string | undefined> {
  const wish = process.env['WELD_HOST'];
  if (wish === 'server' || wish === 'floor') return undefined;
  const given = process.env['VSCODE_EXE'];
  if (given) return given;
  const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (wish !== 'desktop') {
    if (!display) return undefined;
    if (!fs.existsSync(path.join(cache, 'desktop')) && !(await answers())) return undefined;
  }
  try {
    const executable = await download({
      version: VSCODE_VERSION,
      cachePath: path.join(cache, 'desktop'),
      timeout: 30_000,
    });
    return wish === 'desktop' || (await starts(executable)) ? executable : undefined;
  } catch (error) {
    if (wish === 'desktop') throw error;
    return undefined;
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(SERVICE, { method: 'HEAD', signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}

/** Runs an empty test suite: without a display or a library the program exits at once with another code than 0. */
async function starts(executable: string): Promise<boolean> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wd-'));
  const entry = path.join(dir, 'empty.cjs');
  fs.writeFileSync(entry, 'exports.run = async () => {};\n');
  fs.writeFileSync(
    path.join(dir, 'package.json'),
    JSON.stringify({ name: 'probe', publisher: 'probe', version: '0.0.1', engines: { vscode: '*' } }),
  );
  const child = spawn(
    executable,
    [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-extensions',
      '--disable-workspace-trust',
      '--user-data-dir',
      path.join(dir, 'u'),
      `--extensionDevelopmentPath=${dir}`,
      `--extensionTestsPath=${entry}`,
    ],
    { stdio: 'ignore' },
  );
  try {
    return await new Promise<boolean>((resolve) => {
      const limit = setTimeout(() => resolve(false), 20_000);
      child.once('error', () => {
        clearTimeout(limit);
        resolve(false);
      });
      child.once('exit', (code) => {
        clearTimeout(limit);
        resolve(code === 0);
      });
    });
  } finally {
    child.kill('SIGKILL');
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
