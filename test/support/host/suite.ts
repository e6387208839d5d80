import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { isolatedGit } from '../git';
import { out, root } from '../paths';
import { makeSample } from '../sample';
import { chooseHost } from './choose';
import { writeSettings } from './settings';

/** Bundles test files to run inside VS Code. @param files relative to the project @returns the path of the bundle */
export async function bundleSuite(files: readonly string[]): Promise<string> {
  const target = path.join(out, 'host');
  fs.rmSync(target, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries([
      ['runner', path.join(root, 'test/host/runner.ts')],
      ...files.map((file) => [`suite/${path.basename(file, '.ts')}`, path.join(root, file)]),
    ]),
    outdir: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return path.join(target, 'runner.js');
}

/**
 * Opens a sample repository in a real VS Code, with the last build of the extension, and runs a bundled suite inside
 * it. @throws if a test fails
 */
export async function runInside(runner: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const host = await chooseHost();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wh-'));
  try {
    const sample = await makeSample(path.join(dir, 'repository'));
    const userDataDir = path.join(dir, 'u');
    writeSettings(userDataDir);
    console.log(`VS Code (${host.kind}) …`);
    await runTests({
      vscodeExecutablePath: host.executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: runner,
      extensionTestsEnv: { ...isolatedGit(), WELD_PROJECT: root, ...env },
      launchArgs: [
        sample.top,
        '--disable-extensions',
        `--user-data-dir=${userDataDir}`,
        `--extensions-dir=${path.join(dir, 'x')}`,
      ],
    });
  } finally {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
