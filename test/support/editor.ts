import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { isolatedGit } from './git';
import { startBrowser } from './host/browser';
import { installServer } from './host/install-server';
import { installExtension, pageUrl, remoteUri, type Server, startServer } from './host/server';
import { writeSettings } from './host/settings';
import { out, vsix } from './paths';
import { until } from './run';
import { Workbench } from './workbench';

export interface EditorOptions {
  /** False: a folder is restricted until the person trusts it. */
  readonly trusted?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const userDataOf = (dir: string): string => path.join(dir, 'u');

/**
 * When VS Code in a browser opens a workspace file for the first time, it can miss the moment when the file is read:
 * the window then shows its name and "No Folder Opened" until it is reloaded, which takes the folders from the
 * browser's storage. Extensions see no folder either, so the driver reloads, as a person would.
 */
async function untilFoldersShow(page: Page): Promise<void> {
  const explorer = page.locator('[id="workbench.view.explorer"]'); // FRAGILE
  const folder = explorer.getByRole('treeitem').first();
  const none = explorer.getByText('You have not yet added a folder to the workspace.');
  await until(
    'the folders of the workspace to show',
    async () => {
      await folder.or(none).first().waitFor({ timeout: 120_000 });
      if (
        await folder.waitFor({ timeout: 5000 }).then(
          () => true,
          () => false,
        )
      )
        return true;
      await page.reload({ waitUntil: 'commit' });
      return false;
    },
    240_000,
  );
}

/** A real VS Code with the packed extension, installed as a person would; its windows open in a headless Chromium. */
export class Editor {
  private constructor(
    readonly server: Server,
    readonly browser: Browser,
    readonly dir: string,
  ) {}

  static async start(options: EditorOptions = {}): Promise<Editor> {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'we-'));
    const userDataDir = userDataOf(dir);
    const extensionsDir = path.join(dir, 'x');
    writeSettings(userDataDir, { 'security.workspace.trust.startupPrompt': 'never', ...options.settings });
    const files = await installServer();
    await installExtension(files, vsix, userDataDir, extensionsDir);
    fs.mkdirSync(path.join(out, 'e2e'), { recursive: true });
    const [server, browser] = await Promise.all([
      startServer({
        files,
        userDataDir,
        extensionsDir,
        trusted: options.trusted !== false,
        logFile: path.join(dir, 'server.log'),
        env: { ...isolatedGit(), HOME: dir, ...options.env },
      }),
      startBrowser(),
    ]);
    return new Editor(server, browser, dir);
  }

  /** The folder in which the extension was installed. */
  get extension(): string {
    const extensions = path.join(this.dir, 'x');
    const name = fs.readdirSync(extensions).find((one) => one.startsWith('weld.weld-'));
    if (name === undefined) throw new Error('the extension is not installed');
    return path.join(extensions, name);
  }

  /** Changes user settings; no window may be open. */
  set(settings: Readonly<Record<string, unknown>>): void {
    writeSettings(userDataOf(this.dir), settings);
  }

  /**
   * Opens a folder, a workspace file or nothing in a new window with its own extension host.
   * @param view.file is open in the window from the start
   */
  async open(
    folder?: string,
    view: { width?: number; height?: number; scale?: number; file?: string } = {},
  ): Promise<Workbench> {
    const context = await this.browser.newContext({
      viewport: { width: view.width ?? 1280, height: view.height ?? 800 },
      deviceScaleFactor: view.scale ?? 1,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(
      pageUrl(
        this.server.port,
        folder === undefined ? {} : folder.endsWith('.code-workspace') ? { workspace: folder } : { folder },
        view.file === undefined ? [] : [['openFile', remoteUri(this.server.port, view.file)]],
      ),
      { waitUntil: 'commit', timeout: 120_000 },
    );
    if (folder?.endsWith('.code-workspace')) await untilFoldersShow(page);
    return new Workbench(page);
  }

  /** The text of the extension's log channel in all windows so far. */
  log(channel = 'Weld'): string {
    const found = fs
      .readdirSync(this.dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(`${channel}.log`));
    return found.map((name) => fs.readFileSync(path.join(this.dir, name), 'utf8')).join('');
  }

  /** Saves a screenshot of each window to out/e2e, after a test has failed. */
  async capture(name: string): Promise<void> {
    const safe = name.replace(/[^\w-]+/gu, '-').slice(0, 80);
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    await Promise.all(
      pages.map((page, at) =>
        page
          .screenshot({ path: path.join(out, 'e2e', `${safe}${at > 0 ? `-${at + 1}` : ''}.png`) })
          .catch(() => undefined),
      ),
    );
  }

  async close(): Promise<void> {
    await this.browser.close().catch(() => undefined);
    await this.server.stop();
    fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
