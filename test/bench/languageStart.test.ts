// Runs inside VS Code for `npm run bench`: measures how long each language server's first document takes in this
// window.
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

const LIMIT_MS = 60_000;

/** @returns the time from opening an invalid document to its first diagnostic, in ms */
async function firstDiagnostics(name: string, text: string): Promise<number> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  const file = path.join(folder.uri.fsPath, name);
  fs.writeFileSync(file, text);
  const uri = vscode.Uri.file(file);
  const told = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`no word about ${name} in ${LIMIT_MS} ms`));
    }, LIMIT_MS);
    const listener = vscode.languages.onDidChangeDiagnostics(() => {
      if (vscode.languages.getDiagnostics(uri).length === 0) return;
      clearTimeout(late);
      listener.dispose();
      resolve();
    });
  });
  const begun = performance.now();
  await vscode.window.showTextDocument(uri, { preview: false });
  await told;
  return performance.now() - begun;
}

test('the first word about a plan, and about a JSON document', async function () {
  this.timeout(3 * LIMIT_MS);
  const extension = vscode.extensions.getExtension('weld.weld');
  await extension?.activate();
  const plan = (): Promise<number> => firstDiagnostics('a.plan.md', 'no plan\n');
  const json = (): Promise<number> => firstDiagnostics('a.json', '{ "a": }\n');
  // The first server meets a window that is still starting, so rounds alternate the order.
  const seen =
    process.env['WELD_BENCH_FIRST'] === 'plan'
      ? { plan: await plan(), json: await json() }
      : { json: await json(), plan: await plan() };
  fs.writeFileSync(process.env['WELD_BENCH_RESULT'] ?? '', JSON.stringify(seen));
});
