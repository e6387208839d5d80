// `npm start`: the demo's workspace with the packed extension, to try by hand.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { resolveCliArgsFromVSCodeExecutablePath } from '@vscode/test-electron';
import { isolatedGit } from '../support/git';
import { findDesktop } from '../support/host/desktop';
import { installServer } from '../support/host/install-server';
import { installExtension, pageUrl, startServer } from '../support/host/server';
import { writeSettings } from '../support/host/settings';
import { vsix } from '../support/paths';
import { mustRun } from '../support/run';
import { workspace } from './workspace';

const stopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });

async function onDesktop(executable: string, folder: string, dir: string): Promise<void> {
  const own = ['--user-data-dir', path.join(dir, 'u'), '--extensions-dir', path.join(dir, 'x')];
  const [cli = executable, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
  await mustRun(cli, [...args, ...own, '--install-extension', vsix]);
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(executable, [folder, ...own, ...asRoot, '--disable-workspace-trust', '--skip-welcome'], {
    stdio: 'ignore',
    env: { ...process.env, ...isolatedGit() },
  });
  console.log(`VS Code is open on ${folder}`);
  await Promise.race([stopped(), new Promise((resolve) => child.once('exit', resolve))]);
  child.kill();
}

async function asServer(folder: string, dir: string): Promise<void> {
  const files = await installServer();
  const userDataDir = path.join(dir, 'u');
  await installExtension(files, vsix, userDataDir, path.join(dir, 'x'));
  const server = await startServer({
    files,
    userDataDir,
    extensionsDir: path.join(dir, 'x'),
    trusted: true,
    stays: true,
    port: Number(process.env['PORT'] ?? 0),
    env: { ...isolatedGit() },
  });
  console.log(
    `\nOpen this address in a browser on this machine; Ctrl+C ends it:\n\n  ${pageUrl(server.port, { folder })}\n`,
  );
  await Promise.race([stopped(), new Promise((resolve) => server.process.once('exit', resolve))]);
  await server.stop();
}

async function main(): Promise<void> {
  const { top } = await workspace();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wd-'));
  try {
    writeSettings(path.join(dir, 'u'));
    const executable = await findDesktop();
    await (executable === undefined ? asServer(top, dir) : onDesktop(executable, top, dir));
  } finally {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
