// Shared by the host tests: the extension's own state, a second process that holds the lock, and waiting without fixed
// times.
import * as assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../../src/app';
import type { Node } from '../../../src/views/model';

export const root = process.env['WELD_PROJECT'] ?? '';

export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>('weld.weld');
  if (!extension) throw new Error('the extension is not there');
  const activated = await extension.activate();
  await activated.ready;
  return activated;
}

export const top = (): string => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('no folder is open');
  return fs.realpathSync(folder.uri.fsPath);
};
export const weldDir = (): string => path.join(top(), '.weld');

/** Runs a command silently. */
export async function call<T>(id: string, args: object = {}): Promise<T> {
  return vscode.commands.executeCommand<T>(id, { ...args, silent: true });
}

/** The error code of a failing silent command. */
export async function codeOf(id: string, args: object = {}): Promise<string> {
  try {
    await call(id, args);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  return 'no error';
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  withinMs = 15_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/**
 * Replaces the text of a document, on disk too: a window in a browser saves after a second, and then there is nothing
 * to revert.
 */
export async function putText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
  await until(
    `${path.basename(document.fileName)} to be saved`,
    async () => (await document.save()) && fs.readFileSync(document.uri.fsPath, 'utf8') === text,
  );
}

/** All rows below a row of the tree, as text with state, up to a number of levels. */
export async function rows(levels: number, node?: Node): Promise<string[]> {
  const { runs } = await api();
  const found: string[] = [];
  for (const child of await runs.getChildren(node)) {
    const item = runs.getTreeItem(child);
    found.push(`${labelOf(item)} [${item.contextValue ?? ''}]`);
    if (levels > 1) found.push(...(await rows(levels - 1, child)).map((row) => `  ${row}`));
  }
  return found;
}

/** The first matching row of the whole tree. */
export async function findRow(fits: (node: Node) => boolean, node?: Node): Promise<Node | undefined> {
  const { runs } = await api();
  for (const child of await runs.getChildren(node)) {
    if (fits(child)) return child;
    const below = await findRow(fits, child);
    if (below) return below;
  }
  return undefined;
}

/** Another process takes over the lock and releases it, or asks the holder to stop. @returns its pid */
export function fromOutside(verb: 'take-over' | 'ask'): number {
  const ran = spawnSync(
    process.execPath,
    ['--import', 'tsx', path.join(root, 'test/support/lock-process.ts'), verb, weldDir()],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
  );
  assert.equal(ran.status, 0, ran.stderr);
  return ran.pid;
}

/** Another live process that holds the run lock. */
export class Holder {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {}

  static async start(runId: string, command = 'step loop 1'): Promise<Holder> {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', path.join(root, 'test/support/lock-process.ts'), 'hold', weldDir(), runId, command],
      { cwd: root, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
    );
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => {
        resolve();
      });
      child.once('exit', (code) => {
        reject(new Error(`the holder ended with ${code ?? 'a signal'}`));
      });
    });
    if (child.pid === undefined) throw new Error('no pid');
    return new Holder(child, child.pid);
  }

  async release(): Promise<void> {
    await this.end(() => {
      this.child.stdin?.end();
    });
  }
  async kill(): Promise<void> {
    await this.end(() => {
      this.child.kill('SIGKILL');
    });
  }

  private async end(how: () => void): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    how();
    await gone;
  }
}

const labelOf = ({ label }: vscode.TreeItem): string => (typeof label === 'string' ? label : (label?.label ?? ''));
