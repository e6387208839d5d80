// A stand-in for the VS Code desktop executable: accepts the flags of @vscode/test-electron, runs the tests in the
// server's extension host under headless Chromium, and exits with their code.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Browser } from 'playwright-core';
import { mustRun } from '../run';
import { startBrowser } from './browser';
import { VSCODE_VERSION } from './install-newest';
import { installServer } from './install-server';
import { asPath, type LauncherArgs, readArgs, text, texts } from './launcher-args';
import { installExtension, pageUrl, remoteUri, type Server, startServer } from './server';
import { writeSettings } from './settings';

const LIMIT_MS = Number(process.env['WELD_HOST_TIMEOUT_MS'] ?? 1_200_000);
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/**
 * Passes on what the tests print through a FIFO: standard output mixes it with the workbench's lines, and a socket
 * could lose the last ones.
 */
class TestOutput {
  readonly fifo: string;
  #last = Date.now();

  constructor(dir: string) {
    this.fifo = path.join(dir, `out-${process.pid}`);
    spawnSync('mkfifo', [this.fifo]);
    const fd = fs.openSync(this.fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    new net.Socket({ fd, readable: true, writable: false }).on('data', (bytes) => {
      this.#last = Date.now();
      process.stdout.write(bytes);
    });
  }
  get passed(): boolean {
    return fs.existsSync(`${this.fifo}.passed`);
  }
  /** Waits until nothing has arrived for a moment. */
  async drained(): Promise<void> {
    while (Date.now() - this.#last < 100) await sleep(20);
  }
  remove(): void {
    for (const file of [this.fifo, `${this.fifo}.passed`]) fs.rmSync(file, { force: true });
  }
}

class TestRun {
  #server: Server | undefined;
  #browser: Browser | undefined;
  #finished = false;
  readonly #logDir: string;
  readonly #output: TestOutput;

  constructor(
    readonly args: LauncherArgs,
    readonly userDataDir: string,
    readonly extensionsDir: string,
  ) {
    this.#logDir = path.join(userDataDir, 'launcher');
    fs.mkdirSync(this.#logDir, { recursive: true });
    this.#output = new TestOutput(this.#logDir);
  }

  async finish(code: number, why?: string): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    if (why !== undefined) console.error(`launcher: ${why}`);
    const hostsGone = async (withinMs: number): Promise<void> => {
      for (
        const end = Date.now() + withinMs;
        this.#server && this.#server.hostsEnded() < this.#server.hostPids.length && Date.now() < end;
      )
        await sleep(50);
    };
    try {
      await hostsGone(code === 124 ? 0 : 5000);
      await Promise.race([this.#browser?.close(), sleep(3000)]);
      await hostsGone(3000);
      await this.#server?.stop();
    } catch (error) {
      console.error(error);
    }
    await this.#output.drained();
    this.#output.remove();
    process.exit(code);
  }

  async start(testsPath: string): Promise<void> {
    const env = {
      VSCODE_TEST_LAUNCHER_OUT: this.#output.fifo,
      VSCODE_TEST_LAUNCHER_ENTRY: createRequire(path.resolve('x.js')).resolve(testsPath),
    };
    this.#server = await startServer({
      files: await installServer(),
      userDataDir: this.userDataDir,
      extensionsDir: this.extensionsDir,
      env,
      logFile: path.join(this.#logDir, 'server.log'),
      driver: true,
      trusted: true,
    });
    this.#server.process.once(
      'exit',
      (code) => void this.finish(1, `the server ended (${code ?? 'signal'}); see ${this.#logDir}/server.log`),
    );
    this.#browser = await startBrowser();
    this.#browser.on('disconnected', () => void this.finish(1, 'Chromium ended'));
    const page = await this.#browser.newPage({ viewport: { width: 1280, height: 800 } });
    const log = fs.createWriteStream(path.join(this.#logDir, 'workbench.log'));
    await page.exposeFunction('codeAutomationLog', (type: string, words: unknown[]) => {
      log.write(
        `[${type}] ${words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ')}\n`,
      );
    });
    // A crashed extension host also exits with 0: only the marker of the test entry counts.
    await page.exposeFunction('codeAutomationExit', (code: number) => {
      void (code !== 0 || this.#output.passed
        ? this.finish(code)
        : this.finish(1, 'the extension host ended before the tests did'));
    });
    page.on('crash', () => void this.finish(1, 'the workbench page crashed'));
    await page.goto(this.#address(this.#server.port));
  }

  #address(port: number): string {
    const uri = (file: string): string => remoteUri(port, file);
    const payload: [string, string][] = texts(this.args, 'extensionDevelopmentPath').map((dir) => [
      'extensionDevelopmentPath',
      uri(asPath(dir)),
    ]);
    payload.push(
      ['extensionTestsPath', uri(path.join(import.meta.dirname, 'test-entry.cjs'))],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    );
    if (this.args.flags.has('disable-extensions')) payload.push(['disableExtensions', 'true']);
    const opened: { folder?: string; workspace?: string } = {};
    for (const given of [...this.args.rest, ...texts(this.args, 'folder-uri'), ...texts(this.args, 'file-uri')]) {
      const file = asPath(given);
      if (file.endsWith('.code-workspace')) opened.workspace = file;
      else if (fs.existsSync(file) && fs.statSync(file).isDirectory()) opened.folder = file;
      else payload.push(['openFile', uri(file)]);
    }
    return pageUrl(port, opened, payload);
  }
}

async function main(): Promise<void> {
  const args = readArgs(process.argv.slice(2));
  const userDataDir = path.resolve(text(args, 'user-data-dir') ?? fs.mkdtempSync(path.join(os.tmpdir(), 'wl-')));
  const extensionsDir = path.resolve(text(args, 'extensions-dir') ?? path.join(userDataDir, 'extensions'));
  if (args.flags.has('version')) return console.log(VSCODE_VERSION);
  const toInstall = texts(args, 'install-extension');
  if (toInstall.length > 0) {
    const files = await installServer();
    for (const vsix of toInstall) await installExtension(files, path.resolve(vsix), userDataDir, extensionsDir);
    return;
  }
  const testsPath = text(args, 'extensionTestsPath');
  if (testsPath === undefined) throw new Error('launcher: give --extensionTestsPath, --install-extension or --version');

  await mustRun('mkfifo', ['--version']);
  writeSettings(userDataDir);
  const testRun = new TestRun(args, userDataDir, extensionsDir);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void testRun.finish(130, signal));
  process.on(
    'unhandledRejection',
    (error) => void testRun.finish(1, error instanceof Error ? error.stack : String(error)),
  );
  setTimeout(() => void testRun.finish(124, `no result after ${LIMIT_MS} ms`), LIMIT_MS);
  await testRun.start(asPath(testsPath));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
