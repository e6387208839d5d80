import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, codeOf, top, until, weldDir } from './host';

suite('the person as agent', () => {
  const config = (): string => path.join(weldDir(), 'config.toml');
  let before = '';
  let runId = '';

  suiteSetup(async () => {
    await api();
    before = fs.readFileSync(config(), 'utf8');
    await call(COMMANDS.chooseAgents, { tasks: { plan_generation: { provider: 'manual' } } });
    ({ runId } = await call<{ runId: string }>(COMMANDS.runStart, {
      spec: path.join(top(), 'docs/greetings.md'),
      name: 'by-hand',
    }));
  });
  suiteTeardown(async () => {
    fs.writeFileSync(config(), before);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('choosing agents writes the configuration and keeps the rest of it', () => {
    const now = fs.readFileSync(config(), 'utf8');
    assert.match(now, /plan_generation = \{ ?provider = "manual" ?\}/u);
    assert.match(now, /\[checks\]/u);
  });

  test('a silent command has nobody to ask', async () => {
    assert.equal(await codeOf(COMMANDS.planGenerate, { runId }), 'NEEDS_PERSON');
    assert.equal(fs.existsSync(path.join(weldDir(), 'active.lock')), false);
  });

  test('the prompt opens and is on the clipboard, the answer comes from the editor in front', async () => {
    const generating = vscode.commands.executeCommand<{ steps: number }>(COMMANDS.planGenerate, { runId });
    const prompt = await until('the prompt', () =>
      vscode.workspace.textDocuments.find((document) => document.uri.scheme === 'weld-text'),
    );
    assert.match(prompt.getText(), /Greetings/u);
    assert.equal((await (await api()).repositories.resolve()).locks.work?.command, 'plan generate');

    const answer = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content:
        '## Step 1: Greet\n\n### Goal\nGreet.\n\n### Changes\n- README.md\n\n### Acceptance criteria\n- [ ] It ' +
        'greets\n\n### Tests\n- none\n',
    });
    await vscode.window.showTextDocument(answer, { preview: false });
    const asking = vscode.commands.executeCommand(COMMANDS.answer);
    const giving = setInterval(() => {
      void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    }, 500);
    const { steps } = await generating;
    clearInterval(giving);
    await asking;
    assert.equal(steps, 1);
    assert.equal(fs.existsSync(path.join(weldDir(), 'active.lock')), false);
  });
});
