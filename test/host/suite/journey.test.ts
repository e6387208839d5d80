import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, codeOf, findRow, rows, top, until, weldDir } from './host';

suite('from a specification to a commit', () => {
  let runId = '';
  const git = async (...args: string[]): Promise<string> => {
    const { repositories } = await api();
    const { project } = await repositories.resolve();
    const ran = await project.programs.run({ file: 'git', args, cwd: top(), timeoutMs: 20_000 });
    return new TextDecoder().decode(ran.stdout).trim();
  };

  suiteSetup(api);

  test('run start gives the id of a run that the tree shows', async () => {
    ({ runId } = await call<{ runId: string }>(COMMANDS.runStart, {
      spec: path.join(top(), 'docs/greetings.md'),
      name: 'greetings',
    }));
    assert.match(runId, /^\d{8}-\d{6}-greetings$/u);
    assert.deepEqual(await rows(1), ['Next: The research [next]', 'greetings [run.open]']);
  });

  test('a step cannot be worked before there is a plan', async () => {
    assert.equal(await codeOf(COMMANDS.stepSelect, { runId, step: 1 }), 'NO_PLAN');
    assert.deepEqual((await call<{ next: { kind: string } }>(COMMANDS.runContinue, { runId })).next.kind, 'research');
  });

  test('plan prompt, generate, import and review give what they promise', async () => {
    const { path: prompt } = await call<{ path: string }>(COMMANDS.planPrompt, { runId });
    assert.ok(fs.readFileSync(prompt, 'utf8').includes('Greetings'));
    const generated = await call<{ steps: number; warnings: string[] }>(COMMANDS.planGenerate, { runId });
    assert.deepEqual(generated, { steps: 2, warnings: [] });
    const file = path.join(weldDir(), 'runs', runId, 'plan', 'output.md');
    assert.deepEqual(await call(COMMANDS.planImport, { runId, file }), { steps: 2, warnings: [] });
    assert.deepEqual(await call(COMMANDS.planReview, { runId, apply: true }), { revised: true, steps: 2 });
    assert.ok(fs.existsSync(path.join(weldDir(), 'runs', runId, 'plan', 'plan.final.md')));
  });

  test('an import that finds no step changes nothing', async () => {
    const file = path.join(top(), 'README.md');
    const plan = path.join(weldDir(), 'runs', runId, 'plan');
    const before = fs.readdirSync(plan).map((name) => [name, fs.statSync(path.join(plan, name)).mtimeMs]);
    assert.equal(await codeOf(COMMANDS.planImport, { runId, file }), 'NO_STEPS');
    assert.deepEqual(
      fs.readdirSync(plan).map((name) => [name, fs.statSync(path.join(plan, name)).mtimeMs]),
      before,
    );
  });

  test('step select, loop, snapshot and review', async () => {
    assert.equal(await codeOf(COMMANDS.stepLoop, { runId, step: 9 }), 'STEP_NOT_FOUND');
    const { path: prompt } = await call<{ path: string }>(COMMANDS.stepSelect, { runId, step: 1 });
    assert.ok(fs.existsSync(prompt));
    const result = await call<{ passed: boolean; iterations: number; reason: string }>(COMMANDS.stepLoop, {
      runId,
      step: 1,
    });
    assert.deepEqual(
      { passed: result.passed, iterations: result.iterations, reason: result.reason },
      { passed: true, iterations: 1, reason: 'passed' },
    );
  });

  test('the report is given as Markdown, and stands in a file outside of .weld', async () => {
    const { markdown, path: file } = await call<{ markdown: string; path: string }>(COMMANDS.runReport, { runId });
    assert.match(markdown, /^### Step 1: Greet by name$/mu);
    assert.equal(fs.readFileSync(file, 'utf8'), markdown);
    assert.ok(path.relative(weldDir(), file).startsWith('..'), file);
    assert.ok(path.relative(top(), file).startsWith('..'), file);
  });

  test('an iteration that fails its review shows its issue in the Problems panel, with quick fixes', async () => {
    await call(COMMANDS.stepSelect, { runId, step: 2 });
    const result = await call<{ passed: boolean; reason: string }>(COMMANDS.stepLoop, {
      runId,
      step: 2,
      maxIterations: 1,
    });
    assert.deepEqual([result.passed, result.reason], [false, 'max_iterations']);
    const uri = vscode.Uri.file(path.join(top(), 'src/greet.mjs'));
    const [problem] = await until('a problem', () => {
      const found = vscode.languages.getDiagnostics(uri).filter((one) => one.source === 'Weld');
      return found.length > 0 && found;
    });
    assert.ok(problem);
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    assert.match(JSON.stringify(problem.code), /falls back to English/u);
    await vscode.workspace.openTextDocument(uri);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    assert.deepEqual(actions.map((action) => action.title).sort(), [
      'Fix in next iteration',
      'Open review',
      'Waive with reason…',
    ]);
    const fix = actions.find((action) => action.title === 'Fix in next iteration')?.command?.arguments?.[0] as object;
    assert.deepEqual(fix, { folder: top(), runId, step: 2 });
  });

  test('the tree shows steps, iterations, artifacts and issues with their state', async () => {
    const run = await findRow((node) => node.kind === 'run');
    const seen = await rows(3, run);
    for (const row of [
      'Specification [artifact]',
      'Plan [artifact]',
      '1 Greet by name [step.passed]',
      "2 Greet in the person's language [step.failed]",
      '  Iteration 1 [iteration.failed]',
      '    Changes [artifact]',
      '    Check test [artifact]',
      '    Review [artifact]',
    ])
      assert.ok(seen.includes(row), `${row} in\n${seen.join('\n')}`);
    assert.ok(
      seen.some((row) => row.includes('[issue.open]')),
      seen.join('\n'),
    );
    const { runs } = await api();
    const step = await findRow((node) => node.kind === 'step' && node.n === 2);
    assert.ok(step && /just now|min ago/u.test(String(runs.getTreeItem(step).description)));
  });

  test('waiving the issue lets the gate decide anew, and clears the problem', async () => {
    const row = await findRow((node) => node.kind === 'issue');
    assert.ok(row);
    assert.equal(await codeOf(COMMANDS.issueWaive, { ...row.commandArgs, reason: ' ' }), 'INVALID_ARGUMENT');
    assert.deepEqual(await call(COMMANDS.issueWaive, { ...row.commandArgs, reason: 'for this test' }), {
      iteration: 1,
      pass: true,
    });
    await until('no problem', () =>
      vscode.languages
        .getDiagnostics()
        .flatMap(([, all]) => all)
        .every((one) => one.source !== 'Weld'),
    );
    assert.deepEqual(await call(COMMANDS.issueUnwaive, row.commandArgs), { iteration: 1, pass: false });
  });

  test('the loop goes on with the fix and passes', async () => {
    const result = await call<{ passed: boolean; iterations: number }>(COMMANDS.stepLoop, { runId, step: 2 });
    assert.deepEqual([result.passed, result.iterations], [true, 2]);
  });

  test('a tree of an iteration can be read, and compared with another', async () => {
    const changes = await call<{ files: string[]; to: string }>(COMMANDS.stepShowChanges, {
      runId,
      step: 2,
      iteration: 2,
      against: 1,
    });
    assert.deepEqual(changes.files, ['src/greet.mjs', 'test/greet.test.mjs']);
    const { others } = await call<{ others: { n: number }[] }>(COMMANDS.stepCompare, { runId, step: 2, iteration: 2 });
    assert.deepEqual(
      others.map(({ n }) => n),
      [1],
    );
    const uri = vscode.Uri.from({
      scheme: 'weld-tree',
      path: '/src/greet.mjs',
      query: JSON.stringify({ top: top(), tree: changes.to }),
    });
    assert.match(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), /words\.en/u);
  });

  test('restore goes back and can be undone', async () => {
    const file = path.join(top(), 'src/greet.mjs');
    const before = fs.readFileSync(file, 'utf8');
    const { kept } = await call<{ restored: boolean; kept: number }>(COMMANDS.stepRestore, {
      runId,
      step: 2,
      iteration: 1,
    });
    assert.notEqual(fs.readFileSync(file, 'utf8'), before);
    await call(COMMANDS.stepRestore, { runId, step: 2, to: { kept } });
    assert.equal(fs.readFileSync(file, 'utf8'), before);
  });

  test('commit gives the id of a commit with trailers, and there is nothing more to commit', async () => {
    const { sha } = await call<{ sha: string }>(COMMANDS.commit, { runId, message: 'Greet people', all: true });
    assert.equal(await git('rev-parse', 'HEAD'), sha);
    assert.match(await git('log', '-1', '--format=%(trailers)'), new RegExp(`Weld-Run: \\.weld/runs/${runId}`, 'u'));
    assert.equal(await codeOf(COMMANDS.commit, { runId, message: 'again', all: true }), 'NOTHING_TO_COMMIT');
  });

  test('an iteration whose trees are gone shows its patch', async () => {
    const patch = path.join(weldDir(), 'runs', runId, 'steps', '01-greet-by-name', 'iter', '01', 'diff.patch');
    assert.deepEqual(await call(COMMANDS.stepShowChanges, { runId, step: 1, iteration: 1 }), { patch });
    await vscode.commands.executeCommand(COMMANDS.stepShowChanges, { runId, step: 1, iteration: 1 });
    assert.equal(vscode.window.activeTextEditor?.document.fileName, patch);
    assert.equal(
      await codeOf(COMMANDS.stepShowChanges, { runId, step: 2, iteration: 2, against: 1 }),
      'ITERATION_NOT_FOUND',
    );
  });

  test('a plan whose specification has changed can be kept all the same, with the reason', async () => {
    const spec = path.join(weldDir(), 'spec.md');
    fs.writeFileSync(spec, '# Before\n\nA thing.\n');
    const { runId: other } = await call<{ runId: string }>(COMMANDS.runStart, {
      spec,
      name: 'stale',
      skipResearch: true,
    });
    const next = async (): Promise<{ kind: string; stale?: true }> =>
      (await call<{ next: { kind: string; stale?: true } }>(COMMANDS.runContinue, { runId: other })).next;
    await call(COMMANDS.planImport, { runId: other, file: path.join(weldDir(), 'runs', runId, 'plan', 'output.md') });
    fs.writeFileSync(spec, '# After\n\nA thing.\n');
    const { kind, stale } = await next();
    assert.deepEqual([kind, stale], ['plan', true]);
    assert.deepEqual(await call(COMMANDS.planKeep, { runId: other, reason: 'Only the title differs.' }), {});
    assert.equal((await next()).kind, 'plan-review');
    const meta = JSON.parse(fs.readFileSync(path.join(weldDir(), 'runs', other, 'meta.json'), 'utf8')) as {
      stale_overrides: { stale_reason: string }[];
    };
    assert.deepEqual(
      meta.stale_overrides.map((one) => one.stale_reason),
      ['Only the title differs.'],
    );
    fs.rmSync(path.join(weldDir(), 'runs', other), { recursive: true });
  });

  test('abandon keeps the files and marks the run', async () => {
    assert.deepEqual(await call(COMMANDS.runAbandon, { runId }), {});
    assert.deepEqual(await rows(1), ['greetings [run.abandoned]']);
    assert.ok(fs.existsSync(path.join(weldDir(), 'runs', runId, 'meta.json')));
    assert.equal(fs.existsSync(path.join(weldDir(), 'active.lock')), false);
  });
});
