import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { api, Holder, putText, top, until, weldDir } from './host';

const RUN = '20210101-000000-language';
const STEP =
  '### Goal\n\nx\n\n### Changes\n\n- `README.md`: x\n\n### Acceptance criteria\n\n- [ ] works\n\n### Tests\n\n- ' +
  '`node --test`\n';
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
const problems = (uri: vscode.Uri): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Weld');
const codeOf = ({ code }: vscode.Diagnostic): string => (typeof code === 'object' ? String(code.value) : String(code));
const codes = (uri: vscode.Uri): string[] => problems(uri).map(codeOf);

/** Records the messages that a person would see. */
function listen(): { readonly messages: readonly string[]; end(): void } {
  const messages: string[] = [];
  const { showErrorMessage, showWarningMessage } = vscode.window;
  const hear = (message: string): Promise<undefined> => {
    messages.push(message);
    return Promise.resolve(undefined);
  };
  Object.assign(vscode.window, { showErrorMessage: hear, showWarningMessage: hear });
  return {
    messages,
    end: () => {
      Object.assign(vscode.window, { showErrorMessage, showWarningMessage });
    },
  };
}

suite('plans and settings in the editor', function () {
  this.timeout(120_000);
  const made: string[] = [];
  const plan = (name: string, text: string): vscode.Uri => {
    made.push(path.join(top(), name));
    return write(path.join(top(), name), text);
  };

  suiteSetup(async () => {
    await api();
  });
  suiteTeardown(async () => {
    // Later suites would save unsaved documents before their loops, when the folder is gone.
    for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    await until('every editor to be saved or given up', () =>
      vscode.workspace.textDocuments.every(({ isDirty }) => !isDirty),
    );
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const file of [...made, path.join(weldDir(), 'runs', RUN)]) fs.rmSync(file, { recursive: true, force: true });
  });

  test('ordinary Markdown does not start the server', async function () {
    const { language } = await api();
    if (language.started) this.skip(); // an earlier suite has opened a plan; if this one runs alone, it opens one
    await open(vscode.Uri.file(path.join(top(), 'README.md')));
    await new Promise((wake) => setTimeout(wake, 1_000));
    assert.equal(language.started, false);
  });

  test('the specification of a run starts the server and gets links, even outside of .weld', async () => {
    const spec = plan('docs/linked.md', 'See README.md:2 and package.json:1.\n');
    const document = await open(spec);
    write(
      path.join(weldDir(), 'runs', RUN, 'inputs', 'spec.ref.json'),
      JSON.stringify({ absolute_path: spec.fsPath, sha256: 'x', size_bytes: 1, git_blob_id: null }),
    );
    const { language } = await api();
    await until('the server', () => language.started, LONG_MS);
    const targets = async (): Promise<string[]> =>
      (await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', document.uri)).flatMap(
        ({ target }) => (target?.fragment ? [`${path.basename(target.path)}#${target.fragment}`] : []),
      );
    await until('the links', async () => (await targets()).join() === 'README.md#L2,package.json#L1', LONG_MS);
    assert.deepEqual(problems(spec), []);
  });

  test('a plan is checked while it is typed, with codes that lead to their explanation', async () => {
    const uri = plan('typed.plan.md', '# Plan\n');
    const document = await open(uri);
    await until('no-steps', () => codes(uri).includes('no-steps'), LONG_MS);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), `\n## Step 1: A\n\n${STEP}\n### Step 2: B\n`);
    await vscode.workspace.applyEdit(edit);
    // It counts as a step, so its missing sections are reported too.
    await until('lenient-step first', () => codes(uri)[0] === 'lenient-step', LONG_MS);
    const code = problems(uri)[0]?.code;
    assert.ok(typeof code === 'object' && /diagnostics\.md$/u.test(code.target.path));
  });

  test('a quick fix makes the heading a step', async () => {
    const uri = vscode.Uri.file(path.join(top(), 'typed.plan.md'));
    const [problem] = problems(uri);
    assert.ok(problem);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title }) => title === 'Write "## Step 2: B"');
    assert.ok(fix?.edit, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit);
    await until(
      'the missing sections of step 2',
      () => codes(uri).length === 4 && codes(uri).every((one) => one.startsWith('missing-')),
      LONG_MS,
    );
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    );
    assert.deepEqual(
      symbols.map(({ name }) => name).filter((name) => name.startsWith('Step')),
      ['Step 1: A', 'Step 2: B'],
    );
  });

  test('a quick fix makes the file that is missing', async () => {
    const uri = plan('missing.plan.md', `## Step 1: A\n\n${STEP.replace('README.md', 'made/by/fix.txt')}`);
    made.push(path.join(top(), 'made'));
    await open(uri);
    const problem = await until(
      'the missing path',
      () => problems(uri).find((one) => codeOf(one) === 'missing-path'),
      LONG_MS,
    );
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title }) => title === 'Create made/by/fix.txt');
    assert.ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(fs.readFileSync(path.join(top(), 'made/by/fix.txt'), 'utf8'), '');
    await until('nothing missing any more', () => codes(uri).length === 0, LONG_MS);
  });

  test("lenses stand above the steps of a run's plan, and give way to another holder of the lock", async () => {
    const uri = write(path.join(weldDir(), 'runs', RUN, 'plan', 'plan.raw.md'), `## Step 1: A\n\n${STEP}`);
    await open(uri);
    const lenses = async (): Promise<(vscode.Command | undefined)[]> =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50)).map(
        ({ command }) => command,
      );
    const all = await until(
      'the lenses',
      async () => {
        const now = await lenses();
        return now.length === 4 && now;
      },
      LONG_MS,
    );
    assert.deepEqual(
      all.map((command) => command?.command),
      ['weld.step.select', 'weld.step.loop', 'weld.step.snapshot', 'weld.step.skip'],
    );
    assert.deepEqual(all[1]?.arguments, [{ runId: RUN, step: 1, folder: top() }]);
    const holder = await Holder.start(RUN);
    try {
      await until(
        'locked by …',
        async () =>
          (await lenses()).some((command) => command?.title.includes(`locked by step loop 1, process ${holder.pid}`)),
        LONG_MS,
      );
    } finally {
      await holder.release();
    }
    await until('the lenses again', async () => (await lenses()).length === 4, LONG_MS);
  });

  test('hover tells how a step stands, and a criterion leads to the issues that speak of it', async () => {
    const uri = vscode.Uri.file(path.join(weldDir(), 'runs', RUN, 'plan', 'plan.raw.md'));
    const iteration = path.join(weldDir(), 'runs', RUN, 'steps', '01-a', 'iter', '01');
    const record = (file: string, value: object): vscode.Uri => write(file, JSON.stringify(value, null, 2));
    record(path.join(iteration, '../../step.json'), {
      n: 1,
      title: 'A',
      slug: 'a',
      body_md: '',
      acceptance_criteria: ['works'],
    });
    for (const name of ['diff.patch', 'review.md']) write(path.join(iteration, name), 'x');
    record(path.join(iteration, 'checks.summary.json'), { categories: {}, first_failure: null, all_passed: true });
    record(path.join(iteration, 'timing.json'), {
      ai_invocation_ms: 61_000,
      checks_ms: 2_000,
      review_ms: 3_000,
      total_ms: 66_000,
    });
    const issues = record(path.join(iteration, 'issues.json'), {
      pass: false,
      issues: [{ severity: 'blocker', file: 'README.md', hint: 'It does not', maps_to: 1 }],
    });
    record(path.join(iteration, 'status.json'), {
      pass: false,
      issue_count: 1,
      blocker_count: 1,
      major_count: 0,
      minor_count: 0,
      checks_exit_code: 0,
      diff_nonempty: true,
      timestamp: '2021-01-05T12:00:00.000Z',
      gate: [{ condition: 'verdict_passed', ok: false, why: 'rejected by the reviewer' }],
    });
    const hover = async (line: number): Promise<string> =>
      (
        await vscode.commands.executeCommand<vscode.Hover[]>(
          'vscode.executeHoverProvider',
          uri,
          new vscode.Position(line, 8),
        )
      )
        .flatMap(({ contents }) => contents.map((one) => (one as vscode.MarkdownString).value))
        .join('\n');
    await until(
      'state, verdict and timing',
      async () => /failed review[^]*rejected by the reviewer[^]*1 min/u.test(await hover(0)),
      LONG_MS,
    );
    const criterion = (await vscode.workspace.openTextDocument(uri))
      .getText()
      .split('\n')
      .findIndex((line) => line.includes('works'));
    assert.match(await hover(criterion), /blocker\*\*: It does not/u);
    const targets = await vscode.commands.executeCommand<(vscode.LocationLink | vscode.Location)[]>(
      'vscode.executeDefinitionProvider',
      uri,
      new vscode.Position(criterion, 8),
    );
    const [target] = targets.flatMap((one) => ('targetUri' in one ? [one] : []));
    assert.equal(target?.targetUri.fsPath, issues.fsPath);
    assert.match(
      fs.readFileSync(issues.fsPath, 'utf8').split('\n')[target.targetRange.start.line] ?? '',
      /It does not/u,
    );
  });

  test('settings reach the server: which files are plans, and whether there are lenses', async () => {
    const settings = vscode.workspace.getConfiguration('weld.plans');
    const todo = plan('docs/todo.md', 'no plan\n');
    await open(todo);
    const run = vscode.Uri.file(path.join(weldDir(), 'runs', RUN, 'plan', 'plan.raw.md'));
    const lenses = async (): Promise<number> =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', run, 50)).length;
    try {
      await settings.update('planFiles', ['docs/todo.md'], vscode.ConfigurationTarget.Workspace);
      await until('diagnostics of the new plan', () => codes(todo).includes('no-steps'), LONG_MS);
      await settings.update('lenses', false, vscode.ConfigurationTarget.Workspace);
      await until('no lenses', async () => (await lenses()) === 0, LONG_MS);
    } finally {
      for (const name of ['planFiles', 'lenses'])
        await settings.update(name, undefined, vscode.ConfigurationTarget.Workspace);
      fs.rmSync(path.join(top(), '.vscode'), { recursive: true, force: true });
    }
    await until(
      'lenses, and no diagnostics of what is no plan any more',
      async () => (await lenses()) > 0 && codes(todo).length === 0,
      LONG_MS,
    );
  });

  test('the JSON records are checked against their schemas', async () => {
    const meta = write(path.join(weldDir(), 'runs', RUN, 'meta.json'), '{ "run_id": 7 }\n');
    await open(meta);
    const wrong = await until(
      'what is wrong',
      () => {
        const all = vscode.languages.getDiagnostics(meta);
        return all.length > 0 && all;
      },
      LONG_MS,
    );
    assert.match(wrong.map(({ message }) => message).join('\n'), /Incorrect type[^]*string/u);
    assert.match(wrong.map(({ message }) => message).join('\n'), /Missing property/u);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    fs.rmSync(meta.fsPath);
  });

  test('config.toml is checked too', async () => {
    const uri = vscode.Uri.file(path.join(weldDir(), 'config.toml'));
    const document = await open(uri);
    const before = document.getText();
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), '\n[loop]\nmax_iteratons = 3\n');
    await vscode.workspace.applyEdit(edit);
    await until('the unknown key', () => codes(uri).includes('config-unknown-key'), LONG_MS);
    await putText(document, before);
    await until('no unknown key', () => !codes(uri).includes('config-unknown-key'), LONG_MS);
  });

  test('a server that dies is started again and goes on; a person hears of it once', async () => {
    const { language } = await api();
    const said = listen();
    const uri = plan('again.plan.md', '# Plan\n');
    const document = await open(uri);
    await until('no-steps', () => codes(uri).includes('no-steps'), LONG_MS);
    try {
      for (let death = 0; death < 2; death++) {
        const before = await until('a server', () => language.serverPid, LONG_MS);
        process.kill(before, 'SIGKILL');
        await until('another server', () => language.serverPid !== before && language.serverPid, LONG_MS);
        await until('its diagnostics', () => codes(uri).includes('no-steps'), LONG_MS);
      }
      assert.deepEqual(said.messages, ['The Weld language server stopped unexpectedly and was started again.']);
    } finally {
      said.end();
    }
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(document.lineCount, 0), `\n## Step 1: A\n\n${STEP}`);
    await vscode.workspace.applyEdit(edit);
    await until('nothing wrong any more', () => codes(uri).length === 0, LONG_MS);
  });

  test('a server that dies again and again stays off, says so once, and leaves nothing behind', async () => {
    const { language } = await api();
    const uri = plan('last.plan.md', '# Plan\n');
    await open(uri);
    await until('no-steps', () => codes(uri).includes('no-steps'), LONG_MS);
    const said = listen();
    try {
      for (let seen: number | undefined; said.messages.length === 0; ) {
        const pid = await until(
          'a server, or the message that there will be none',
          () => (said.messages.length > 0 ? -1 : language.serverPid !== seen && language.serverPid),
          LONG_MS,
        );
        seen = pid;
        if (pid > 0) process.kill(pid, 'SIGKILL');
      }
      await until('no diagnostics of a server that is gone', () => codes(uri).length === 0, LONG_MS);
      assert.deepEqual(
        said.messages.map((message) => /repeatedly/u.test(message)),
        [true],
        said.messages.join('\n'),
      );
    } finally {
      said.end();
    }
  });
});
