import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { mustRun } from '../run';
import type { ServerFiles } from './lay-down';

export interface ServerOptions {
  readonly files: ServerFiles;
  /** Must be a short path: the server creates sockets there. */
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly logFile?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** The smoke-test driver runs `--extensionTestsPath` and hides toasts; for the launcher, not for end-to-end tests. */
  readonly driver?: boolean;
  /** Waits for a browser without limit; otherwise the server ends after minutes without a window. */
  readonly stays?: boolean;
  /** True: all folders are trusted without asking. */
  readonly trusted: boolean;
}

/** A running VS Code server. */
export interface Server {
  readonly port: number;
  readonly process: ChildProcess;
  /** Process ids of all extension hosts started so far, in order. */
  readonly hostPids: readonly number[];
  /** Number of extension hosts that have ended. */
  hostsEnded(): number;
  /** Ends the server and everything it started. */
  stop(): Promise<void>;
}

/** The caller may run inside a VS Code terminal or under coverage. */
function cleanEnv(extra: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra };
  for (const name of Object.keys(env))
    if (/^(VSCODE_(?!TEST)|ELECTRON_|npm_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/u.test(name) || env[name] === undefined)
      delete env[name];
  return env;
}

/** Starts the server on 127.0.0.1 in its own process group and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const args = [
    path.join(options.files.vscode, 'out/server-main.js'),
    '--host',
    '127.0.0.1',
    '--port',
    String(options.port ?? 0),
    '--without-connection-token',
    '--accept-server-license-terms',
    '--user-data-dir',
    options.userDataDir,
    '--server-data-dir',
    options.userDataDir,
    '--extensions-dir',
    options.extensionsDir,
    '--disable-telemetry',
    '--telemetry-level',
    'off',
    '--disable-update-check',
    '--disable-getting-started-override',
    '--disable-experiments',
    // A login shell would change PATH; the extension host of a closed page would live for hours.
    '--force-disable-user-env',
    '--reconnection-grace-time',
    '3',
    ...(options.stays ? [] : ['--enable-remote-auto-shutdown']),
    ...(options.trusted ? ['--disable-workspace-trust'] : []),
    ...(options.driver ? ['--enable-smoke-test-driver'] : []),
  ];
  const child = spawn(options.files.node, args, {
    env: cleanEnv(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has already ended.
    }
  };
  process.on('exit', killGroup);

  const hostPids: number[] = [];
  let log = '';
  let ended = 0;
  const file = options.logFile === undefined ? undefined : fs.createWriteStream(options.logFile, { flags: 'a' });
  const listening = new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`the VS Code server did not start:\n${log.slice(-4000)}`)), 60_000);
    const fail = (why: string) => (): void => {
      clearTimeout(limit);
      reject(new Error(`${why}:\n${log.slice(-4000)}`));
    };
    child.once('exit', (code) => fail(`the VS Code server ended with ${code ?? 'a signal'}`)());
    child.once('error', (error) => fail(error.message)());
    const read = (text: string): void => {
      log += text;
      file?.write(text);
      for (const match of text.matchAll(/ExtensionHostConnection\] <(\d+)> Launched/gu))
        hostPids.push(Number(match[1]));
      ended += text.match(/Extension Host Process exited/gu)?.length ?? 0;
      const port = /Extension host agent listening on (\d+)/u.exec(log)?.[1];
      if (port !== undefined) {
        clearTimeout(limit);
        resolve(Number(port));
      }
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
  });

  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const limit = setTimeout(killGroup, 5000);
      await gone;
      clearTimeout(limit);
    }
    killGroup();
    process.off('exit', killGroup);
    file?.end();
  };
  return { port: await listening, process: child, hostPids, hostsEnded: () => ended, stop };
}

/** Installs a packed extension into an extensions folder, as a person would. */
export async function installExtension(
  files: ServerFiles,
  vsix: string,
  userDataDir: string,
  extensionsDir: string,
): Promise<void> {
  await mustRun(
    files.node,
    [
      path.join(files.vscode, 'out/server-main.js'),
      '--user-data-dir',
      userDataDir,
      '--server-data-dir',
      userDataDir,
      '--extensions-dir',
      extensionsDir,
      '--accept-server-license-terms',
      '--install-extension',
      vsix,
      '--force',
    ],
    { env: cleanEnv({}), timeoutMs: 120_000 },
  );
}

/** The address that opens a folder or a `.code-workspace` file in the workbench. */
export function pageUrl(
  port: number,
  opened: { folder?: string; workspace?: string },
  payload: readonly (readonly [string, string])[] = [],
): string {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (opened.folder !== undefined) url.searchParams.set('folder', opened.folder);
  else if (opened.workspace !== undefined) url.searchParams.set('workspace', opened.workspace);
  else url.searchParams.set('ew', 'true');
  if (payload.length > 0) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** The URI of a server's file in the workbench page. */
export const remoteUri = (port: number, file: string): string => `vscode-remote://127.0.0.1:${port}${encodeURI(file)}`;
