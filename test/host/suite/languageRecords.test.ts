import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, putText, root, top, until, weldDir } from './host';

const LONG_MS = 45_000;

suite('the JSON records in the editor', function () {
  this.timeout(240_000);
  let run = '';
  suiteSetup(async () => {
    await api();
    const { runId } = await call<{ runId: string }>(COMMANDS.runStart, {
      spec: path.join(top(), 'docs/greetings.md'),
      name: 'records',
    });
    run = path.join(weldDir(), 'runs', runId);
    await call(COMMANDS.planGenerate, { runId });
    await call(COMMANDS.planReview, { runId, apply: true });
    await call(COMMANDS.stepSelect, { runId, step: 1 });
    await call(COMMANDS.stepLoop, { runId, step: 1, maxIterations: 1 });
  });
  suiteTeardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(run, { recursive: true, force: true });
  });

  test('every kind of record that a run has written fits its schema, and a wrong one is shown as wrong', async () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      contributes: { jsonValidation: { fileMatch: string; url: string }[] };
    };
    const files = fs
      .readdirSync(run, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(run, name))
      .toSorted();
    for (const { fileMatch } of manifest.contributes.jsonValidation) {
      const pattern = new RegExp(
        `${fileMatch.replace('**', '').replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$`,
        'u',
      );
      const file = files.find((name) => pattern.test(name));
      assert.ok(file, `no record of ${fileMatch}`);
      const uri = vscode.Uri.file(file);
      const problems = (): string[] => vscode.languages.getDiagnostics(uri).map(({ message }) => message);
      const { document } = await vscode.window.showTextDocument(uri, { preview: false });
      const before = document.getText();
      const edit = new vscode.WorkspaceEdit();
      edit.replace(uri, new vscode.Range(0, 0, 1_000_000, 0), '[]\n');
      await vscode.workspace.applyEdit(edit);
      await until(
        `what is wrong with ${file}`,
        () => problems().some((message) => /Incorrect type[^]*object/u.test(message)),
        LONG_MS,
      );
      await putText(document, before);
      await until(`nothing wrong with ${file} as Weld has written it`, () => problems().length === 0, LONG_MS).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}\n${problems().join('\n')}`);
        },
      );
    }
  });
});
