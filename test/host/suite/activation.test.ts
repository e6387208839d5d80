import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const EXTENSION = 'weld.weld';

suite('activation', () => {
  suiteSetup(async function () {
    this.timeout(60_000);
    await vscode.extensions.getExtension(EXTENSION)?.activate();
  });

  test('the extension is active', () => {
    assert.equal(vscode.extensions.getExtension(EXTENSION)?.isActive, true);
  });

  test('every command of the manifest is registered, and no other', async () => {
    const manifest = vscode.extensions.getExtension(EXTENSION)?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const declared = manifest.contributes.commands.map((entry) => entry.command).sort();
    // VS Code adds its own commands for each view.
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) => id.startsWith('weld.') && !/^weld\.runs\./u.test(id),
    );
    assert.deepEqual(
      declared.filter((id) => !id.startsWith('weld.runs.')),
      registered.sort(),
    );
  });

  test('the sample repository is open and prepared', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder.uri, '.weld', 'config.toml'));
  });
});
