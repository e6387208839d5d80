// `npm run test:host`: bundles the suite, opens a sample repository in a real VS Code and runs the suite inside it.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { chooseHost } from '../support/host/choose';
import { writeSettings } from '../support/host/settings';
import { isolatedGit } from '../support/git';
import { out, root } from '../support/paths';
import { mustRun } from '../support/run';
import { makeSample } from '../support/sample';

const target = path.join(out, 'host');

/** @param only part of a test file's name, to run that file alone */
async function bundle(only: string | undefined): Promise<void> {
  fs.rmSync(target, { recursive: true, force: true });
  const suite = path.join(root, 'test/host/suite');
  const files = fs.readdirSync(suite).filter((name) => name.endsWith('.test.ts') && (only === undefined || name.includes(only)));
  await build({
    entryPoints: [path.join(root, 'test/host/runner.ts'), ...files.map((name) => path.join(suite, name))],
    outdir: target, outbase: path.join(root, 'test/host'), bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode', 'mocha'], sourcemap: 'inline', logLevel: 'warning',
  });
}

async function main(): Promise<void> {
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: root });
  await bundle(process.argv[2]);
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
      extensionTestsPath: path.join(target, 'runner.js'),
      extensionTestsEnv: { ...isolatedGit(), WELD_HOST_RESULT: process.env['WELD_HOST_RESULT'], WELD_PROJECT: root },
      launchArgs: [sample.top, '--disable-extensions', `--user-data-dir=${userDataDir}`, `--extensions-dir=${path.join(dir, 'x')}`],
    });
  } finally {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
