import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, findRow, top, until, weldDir } from './host';

suite('review issues in the Problems panel', () => {
  let runId = '';
  const file = (name: string): string => path.join(top(), name);
  const problems = (): [string, vscode.Diagnostic][] =>
    vscode.languages
      .getDiagnostics()
      .flatMap(([uri, all]) =>
        all
          .filter((one) => one.source === 'Weld' && uri.scheme === 'file')
          .map((one): [string, vscode.Diagnostic] => [uri.fsPath, one]),
      );
  const inFile = (name: string): vscode.Diagnostic[] =>
    problems()
      .filter(([at]) => at === file(name))
      .map(([, one]) => one);
  const git = async (...args: string[]): Promise<string> => {
    const { project } = await (await api()).repositories.resolve();
    return new TextDecoder()
      .decode((await project.programs.run({ file: 'git', args, cwd: top(), timeoutMs: 20_000 })).stdout)
      .trim();
  };
  /** A run whose second step has just failed its review. */
  const failing = async (name: string, fresh = true): Promise<void> => {
    if (fresh) await git('reset', '--quiet', '--hard', await git('rev-list', '--max-parents=0', 'HEAD'));
    await git('clean', '-fdq');
    ({ runId } = await call<{ runId: string }>(COMMANDS.runStart, { spec: file('docs/greetings.md'), name }));
    await call(COMMANDS.planGenerate, { runId });
    for (const step of [1, 2]) {
      await call(COMMANDS.stepSelect, { runId, step });
      await call(COMMANDS.stepLoop, { runId, step, maxIterations: 1 });
    }
    await until('the issue to be shown', () => inFile('src/greet.mjs').length === 1);
  };

  suiteSetup(api);
  teardown(async () => {
    await call(COMMANDS.runAbandon, { runId });
    await until('nothing to be shown of an abandoned run', () => problems().length === 0);
    fs.rmSync(path.join(weldDir(), 'runs', runId), { recursive: true });
  });

  test('fix in next iteration takes the loop on and clears the issue', async () => {
    await failing('fixed');
    const [problem] = inFile('src/greet.mjs');
    assert.ok(problem);
    const uri = vscode.Uri.file(file('src/greet.mjs'));
    await vscode.workspace.openTextDocument(uri);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find((action) => action.title === 'Fix in next iteration')?.command;
    assert.ok(fix);
    const result = await call<{ passed: boolean; iterations: number }>(fix.command, fix.arguments?.[0] as object);
    assert.deepEqual([result.passed, result.iterations], [true, 2]);
    await until('the issue to be gone', () => problems().length === 0);
  });

  test("open review leads from the issue to the reviewer's words", async () => {
    await failing('review');
    const uri = vscode.Uri.file(file('src/greet.mjs'));
    await vscode.workspace.openTextDocument(uri);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      inFile('src/greet.mjs')[0]?.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const open = actions.find((action) => action.title === 'Open review')?.command;
    assert.ok(open);
    await vscode.commands.executeCommand(open.command, ...(open.arguments as unknown[]));
    const shown = await until('the review to be open', () =>
      vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.label.includes('review.md')),
    );
    await vscode.window.tabGroups.close(shown);
  });

  test('an issue goes when its step is skipped, and an issue of no file stands where its step is planned', async () => {
    await failing('moved');
    const issues = path.join(
      weldDir(),
      'runs',
      runId,
      'steps',
      '02-greet-in-the-person-s-language',
      'iter',
      '01',
      'issues.json',
    );
    const record = JSON.parse(fs.readFileSync(issues, 'utf8')) as { issues: { file: string }[] };
    for (const issue of record.issues) issue.file = '';
    fs.writeFileSync(issues, JSON.stringify(record));
    await call(COMMANDS.refresh);
    const plan = path.join(weldDir(), 'runs', runId, 'plan', 'plan.raw.md');
    const [, planned] = await until('the issue to stand in the plan', () => problems().find(([at]) => at === plan));
    assert.match(fs.readFileSync(plan, 'utf8').split('\n')[planned.range.start.line] ?? '', /^## Step 2:/u);
    await call(COMMANDS.stepSkip, { runId, step: 2 });
    await until('nothing to be shown of a step that was skipped', () => problems().length === 0);
  });

  test('what a failing check says stands at its place until the check passes', async () => {
    const found = (): vscode.Diagnostic[] =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(file('src/greet.mjs')))
        .filter((one) => one.source === 'Weld: words');
    await git('reset', '--quiet', '--hard', await git('rev-list', '--max-parents=0', 'HEAD'));
    // Fails for the first iteration of the second step, which has no word for an unknown language.
    fs.writeFileSync(
      file('words.mjs'),
      `import { readFileSync } from 'node:fs';
const text = readFileSync('src/greet.mjs', 'utf8');
if (text.includes('language') && !text.includes('??')) {
  console.log('src/greet.mjs:3:5: error: no word for an unknown language\\nsrc/greet.mjs:1: warning: old import');
  console.log('../outside.mjs:1:1: error: not of this repository');
  process.exitCode = 1;
}
`,
    );
    const config = path.join(weldDir(), 'config.toml');
    fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('[checks]', '[checks]\nwords = "node words.mjs"'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Check the words');
    await failing('words', false);
    const problems = await until('the problems of the check', () => found().length === 2 && found());
    assert.deepEqual(
      problems.map(({ message, severity, range }) => [message, severity, range.start.line, range.start.character]),
      [
        ['no word for an unknown language', vscode.DiagnosticSeverity.Error, 2, 4],
        ['old import', vscode.DiagnosticSeverity.Warning, 0, 0],
      ],
    );
    const { runs } = await api();
    const row = await findRow(
      (node) => node.kind === 'artifact' && node.label === 'Check words' && node.icon === 'error',
    );
    assert.ok(row);
    const item = runs.getTreeItem(row);
    assert.equal(item.description, '2 problems · exit code 1');
    assert.deepEqual(item.iconPath, new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')));
    const [opened] = item.command?.arguments as [{ path: string }];
    assert.match(fs.readFileSync(opened.path, 'utf8'), /no word for an unknown language/u);
    const result = await call<{ passed: boolean }>(COMMANDS.stepLoop, { runId, step: 2 });
    assert.equal(result.passed, true);
    await until('the problems to be gone', () => found().length === 0);
  });

  test('an issue goes when another run is worked on', async () => {
    await failing('earlier');
    const { runId: other } = await call<{ runId: string }>(COMMANDS.runStart, {
      spec: file('docs/greetings.md'),
      name: 'other',
    });
    await call(COMMANDS.planGenerate, { runId: other });
    await until('nothing to be shown of the run before', () => problems().length === 0);
    await call(COMMANDS.runAbandon, { runId: other });
    fs.rmSync(path.join(weldDir(), 'runs', other), { recursive: true });
  });
});
