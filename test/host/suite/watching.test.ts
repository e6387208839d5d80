import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, top, until, weldDir } from './host';

suite('the insides of runs', () => {
  let run = '';
  suiteSetup(async () => {
    await api();
    const spec = path.join(top(), 'docs/greetings.md');
    const { runId } = await call<{ runId: string }>(COMMANDS.runStart, { spec, name: 'watched' });
    run = path.join(weldDir(), 'runs', runId);
  });
  suiteTeardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await call(COMMANDS.runAbandon, { runId: path.basename(run) });
    fs.rmSync(run, { recursive: true });
  });

  test('are kept from the watcher of the editor', () => {
    const excluded = vscode.workspace.getConfiguration('files', vscode.Uri.file(top())).get('watcherExclude');
    assert.equal((excluded as Record<string, boolean>)['**/.weld/runs/*/*'], true);
  });

  test('show in an open editor as they are written, after it was closed and opened again too', async () => {
    const file = path.join(run, 'inputs', 'note.md');
    fs.writeFileSync(file, 'first\n');
    for (const words of ['second\n', 'third\n']) {
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document);
      // The watcher is placed in another process; what is written before it stands would not be seen.
      await until('the editor to follow the disk', () => {
        if (document.getText() !== words) fs.writeFileSync(file, words);
        return document.getText() === words;
      });
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
