import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { api, Holder, top, until, weldDir } from './host';

const RUN = '20210101-000000-language';
const STEP = '### Goal\n\nx\n\n### Changes\n\n- `README.md`: x\n\n### Acceptance criteria\n\n- [ ] works\n\n### Tests\n\n- `node --test`\n';
const LONG_MS = 45_000;

const write = (file: string, text: string): vscode.Uri => {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return vscode.Uri.file(file);
};
const open = async (uri: vscode.Uri): Promise<vscode.TextDocument> => {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
};
const problems = (uri: vscode.Uri): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Weld');
const codeOf = ({ code }: vscode.Diagnostic): string => (typeof code === 'object' ? String(code.value) : String(code));
const codes = (uri: vscode.Uri): string[] => problems(uri).map(codeOf);

suite('plans and settings in the editor', function () {
  this.timeout(120_000);
  const made: string[] = [];
  const plan = (name: string, text: string): vscode.Uri => {
    made.push(path.join(top(), name));
    return write(path.join(top(), name), text);
  };

  suiteSetup(async () => { await api(); });
  suiteTeardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const file of [...made, path.join(weldDir(), 'runs', RUN)]) fs.rmSync(file, { recursive: true, force: true });
  });

  test('ordinary Markdown does not start the server', async function () {
    const { language } = await api();
    if (language.started) this.skip(); // an earlier suite has opened a plan; alone, this one looks
    await open(vscode.Uri.file(path.join(top(), 'README.md')));
    await new Promise((wake) => setTimeout(wake, 1_000));
    assert.equal(language.started, false);
  });

  test('a plan is checked while it is typed, with codes that lead to their explanation', async () => {
    const uri = plan('typed.plan.md', '# Plan\n');
    const document = await open(uri);
    await until('no-steps', () => codes(uri).includes('no-steps'), LONG_MS);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), `\n## Step 1: A\n\n${STEP}\n### Step 2: B\n`);
    await vscode.workspace.applyEdit(edit);
    await until('almost-a-step alone', () => codes(uri).join() === 'almost-a-step', LONG_MS);
    const code = problems(uri)[0]?.code;
    assert.ok(typeof code === 'object' && /diagnostics\.md$/u.test(code.target.path));
  });

  test('a quick fix makes the heading a step', async () => {
    const uri = vscode.Uri.file(path.join(top(), 'typed.plan.md'));
    const [problem] = problems(uri);
    assert.ok(problem);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, problem.range, vscode.CodeActionKind.QuickFix.value);
    const fix = actions.find(({ title }) => title === 'Write "## Step 2: B"');
    assert.ok(fix?.edit, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit);
    await until('the missing sections of step 2', () => codes(uri).length === 4 && codes(uri).every((one) => one.startsWith('missing-')), LONG_MS);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri);
    assert.deepEqual(symbols.map(({ name }) => name).filter((name) => name.startsWith('Step')), ['Step 1: A', 'Step 2: B']);
  });

  test('lenses stand above the steps of a run\'s plan, and give way to another holder of the lock', async () => {
    const uri = write(path.join(weldDir(), 'runs', RUN, 'plan', 'plan.raw.md'), `## Step 1: A\n\n${STEP}`);
    await open(uri);
    const lenses = async (): Promise<(vscode.Command | undefined)[]> => (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50)).map(({ command }) => command);
    const all = await until('the lenses', async () => { const now = await lenses(); return now.length === 4 && now; }, LONG_MS);
    assert.deepEqual(all.map((command) => command?.command), ['weld.step.select', 'weld.step.loop', 'weld.step.snapshot', 'weld.step.skip']);
    assert.deepEqual(all[1]?.arguments, [{ runId: RUN, step: 1, folder: top() }]);
    const holder = await Holder.start(RUN);
    try {
      await until('locked by …', async () => (await lenses()).some((command) => command?.title.includes(`locked by step loop 1, process ${holder.pid}`)), LONG_MS);
    } finally {
      await holder.release();
    }
    await until('the lenses again', async () => (await lenses()).length === 4, LONG_MS);
  });

  test('config.toml is checked too', async () => {
    const uri = vscode.Uri.file(path.join(weldDir(), 'config.toml'));
    const document = await open(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), '\n[loop]\nmax_iteratons = 3\n');
    await vscode.workspace.applyEdit(edit);
    await until('the unknown key', () => codes(uri).includes('config-unknown-key'), LONG_MS);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('no unknown key', () => !codes(uri).includes('config-unknown-key'), LONG_MS);
  });

  test('a server that dies is started again and goes on', async () => {
    const { language } = await api();
    const uri = plan('again.plan.md', '# Plan\n');
    const document = await open(uri);
    await until('no-steps', () => codes(uri).includes('no-steps'), LONG_MS);
    const before = language.serverPid;
    assert.ok(before);
    process.kill(before, 'SIGKILL');
    const after = await until('another server', () => language.serverPid !== before && language.serverPid, LONG_MS);
    assert.notEqual(after, before);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), `\n## Step 1: A\n\n${STEP}`);
    await vscode.workspace.applyEdit(edit);
    await until('nothing wrong any more', () => codes(uri).length === 0, LONG_MS);
  });
});
