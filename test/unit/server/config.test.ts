import * as fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer({ shared: true });

const open = (text: string): string => use.client.open(use.workspace.path('.weld/config.toml'), text);

describe('config.toml', () => {
  it.each([
    ['a syntax error', '[loop]\nmax_iterations = \n', 'config-syntax', [1, 16, 17]],
    ['an unknown key', '[loop]\n  max_iteratons = 3\n', 'config-unknown-key', [1, 2, 15]],
    ['an unknown table', '# x\n[lop]\n', 'config-unknown-key', [1, 1, 4]],
    ['a wrong type', '[loop]\r\nmax_iterations = "3"\r\n', 'config-value', [1, 17, 20]],
    ['a wrong provider', '[task_models]\nresearch = { provider = "clod" }\n', 'config-value', [1, 24, 30]],
    ['a program that is not there', '[checks]\ntest = "no-such-program --all"\n', 'config-missing-program', [1, 7, 30]],
  ])('shows %s where it is', async (_name, text, code, [line, from, to]) => {
    const [found, ...more] = await use.client.diagnostics(open(text), 1, (all) => all.length > 0);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code, range: { start: { line, character: from }, end: { line, character: to } } });
    expect(found?.codeDescription?.href).toContain('diagnostics.md#L');
  });

  it('offers what was meant', async () => {
    const uri = open('[loop]\nmax_iteratons = 3\n');
    const diagnostics = await use.client.diagnostics(uri, 1, (all) => all.length > 0);
    const [action] = await use.client.request<
      { title: string; edit: { documentChanges: { edits: { newText: string }[] }[] } }[]
    >('textDocument/codeAction', { textDocument: { uri }, range: diagnostics[0]?.range, context: { diagnostics } });
    expect(action).toMatchObject({
      title: 'Write "max_iterations"',
      edit: { documentChanges: [{ edits: [{ newText: 'max_iterations' }] }] },
    });
  });

  it('explains keys', async () => {
    const uri = open('[loop]\nmax_iterations = 3\n');
    const hover = await use.client.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 1, character: 3 },
    });
    expect(hover.contents.value).toMatch(/loop\.max_iterations[^]*stops after this many iterations[^]*`5`/u);
  });

  it.each([
    ['tables', '[\n', [0, 1], 'task_models'],
    ['keys', '[loop]\nmax\n', [1, 3], 'max_iterations'],
    ['values of a choice', '[codex]\nsandbox = \n', [1, 10], '"workspace-write"'],
    ['true and false', '[git]\ninclude_run_trailer = \n', [1, 22], 'false'],
    ['keys in an inline table', '[task_models]\nresearch = { \n', [1, 13], 'provider'],
    ['values in an inline table', '[task_models]\nresearch = { provider = \n', [1, 24], '"claude"'],
    ['tasks', '[task_models]\nimpl\n', [1, 4], 'implementation_review'],
  ])('completes %s', async (_name, text, [line, character], wanted) => {
    const items = await use.client.request<{ label: string }[]>('textDocument/completion', {
      textDocument: { uri: open(text) },
      position: { line, character },
    });
    expect(items.map(({ label }) => label)).toContain(wanted);
  });

  it.each([
    ['[task_models.research]\nprovider = "|"', '"claude"', '[task_models.research]\nprovider = "claude"'],
    ['[codex]\nsandbox = "re|ad"', '"read-only"', '[codex]\nsandbox = "read-only"'],
    ['[codex]\nsandbox = re|ad', '"read-only"', '[codex]\nsandbox = "read-only"'],
    [
      '[task_models]\nresearch = { provider = "c|laud", model = "m" }',
      '"claude"',
      '[task_models]\nresearch = { provider = "claude", model = "m" }',
    ],
    ['[loop]\nmax| = 5', 'max_iterations', '[loop]\nmax_iterations = 5'],
    ['[loop]\nmax|_iter = 5', 'max_iterations', '[loop]\nmax_iterations = 5'],
    ['[loop]\nmax|', 'max_iterations', '[loop]\nmax_iterations = '],
    ['[lo|op]', 'loop', '[loop]'],
    [
      '[checks]\nunit = "a"\n"e2e" = "b"\ntimeout_seconds = 3\norder = |\n[loop]\nx = 1',
      '["unit","e2e"]',
      '[checks]\nunit = "a"\n"e2e" = "b"\ntimeout_seconds = 3\norder = ["unit","e2e"]\n[loop]\nx = 1',
    ],
    ['[checks]\nunit = "a"\norder = ["|', '["unit"]', '[checks]\nunit = "a"\norder = ["unit"]'],
    ['[checks]\nunit = "a"\norder = ["u|"]', '["unit"]', '[checks]\nunit = "a"\norder = ["unit"]'],
    ['[loop]\nmax_iterations = |', '5', '[loop]\nmax_iterations = 5'],
  ])('puts a completion in the place of what is there: %j', async (marked, label, wanted) => {
    const text = marked.replace('|', '');
    const before = marked.slice(0, marked.indexOf('|')).split('\n');
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const items = await use.client.request<
      {
        label: string;
        textEdit: { range: { start: { character: number }; end: { character: number } }; newText: string };
      }[]
    >('textDocument/completion', { textDocument: { uri: open(text) }, position });
    const edit = items.find((item) => item.label === label)?.textEdit;
    if (edit === undefined) throw new Error(`no ${label} in ${items.map((item) => item.label).join(', ')}`);
    const lines = text.split('\n');
    const line = lines[position.line] ?? '';
    expect(
      lines
        .with(
          position.line,
          line.slice(0, edit.range.start.character) + edit.newText + line.slice(edit.range.end.character),
        )
        .join('\n'),
    ).toBe(wanted);
  });

  it.each([
    [
      'a key, while something else is wrong',
      '[loop]\nmax_iterations = 3\n[git]\nx = \n',
      [1, 3],
      /loop\.max_iterations[^]*stops after this many iterations[^]*`5`/u,
    ],
    [
      'a value, while something else is wrong',
      '[codex]\nsandbox = "read-only"\nx = \n',
      [1, 13],
      /codex\.sandbox[^]*`workspace-write`/u,
    ],
    ['a table', '[loop]\nmax_iterations = 3\n', [0, 2], /\*\*loop\*\*[^]*Keys: `max_iterations`/u],
    [
      "a check of the person's own",
      '[checks]\nunit = "node x"\n',
      [1, 2],
      /checks\.unit[^]*The command of this check/u,
    ],
  ])('explains %s', async (_name, text, [line, character], says) => {
    const hover = await use.client.request<{ contents: { value: string } } | null>('textDocument/hover', {
      textDocument: { uri: open(text) },
      position: { line, character },
    });
    expect(hover?.contents.value).toMatch(says);
  });

  it.each([
    ['\ufeffmax = 1\n', 'config-unknown-key', [0, 1, 4]],
    ['\ufeff[loop]\nmax_iterations = "3"\n', 'config-value', [1, 17, 20]],
    ['\ufeffloop = \n', 'config-syntax', [0, 7, 8]],
  ])('counts a byte-order mark as editors do: %j', async (text, code, [line, from, to]) => {
    const [found] = await use.client.diagnostics(open(text), 1, (all) => all.length > 0);
    expect(found).toMatchObject({ code, range: { start: { line, character: from }, end: { line, character: to } } });
  });

  it('says the same as the runtime when it is edited step by step', async () => {
    const uri = open('');
    const text = '[loop]\nmax_iterations = 7\n[nonsense]\n';
    for (const [at, character] of [...text].entries()) {
      const before = text.slice(0, at).split('\n');
      const end = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      use.client.change(uri, at + 2, [{ range: { start: end, end }, text: character }]);
    }
    const diagnostics = await use.client.diagnostics(uri, text.length + 1);
    expect(diagnostics.map(({ code }) => code)).toEqual(['config-unknown-key']);
  });
});

// The files of the workspace change, so each test has its own.
describe('config.toml', () => {
  const use = useServer();

  it('that is a folder stops no plan beside it and is said once, until it is a file', async () => {
    const config = use.workspace.path('.weld/config.toml');
    fs.mkdirSync(config, { recursive: true });
    const uri = use.client.open(use.workspace.path('a.plan.md'), '## Step 1: A\n\n### Tests\n\n- \n');
    expect((await use.client.diagnostics(uri, 1)).length).toBeGreaterThan(0);
    expect(
      await use.client.request('textDocument/completion', {
        textDocument: { uri },
        position: { line: 4, character: 2 },
      }),
    ).toEqual([]);
    use.client.open(use.workspace.path('b.plan.md'), PLAN);
    const folder = pathToFileURL(config).href;
    await use.client.until(() => use.client.last(folder)?.diagnostics.length === 1, 'a diagnostic of the folder');
    expect(use.client.last(folder)?.diagnostics[0]).toMatchObject({
      code: 'config-unreadable',
      severity: 1,
      message: expect.stringMatching(/config\.toml is a folder, not a file; .* remove it/u) as string,
    });
    expect(use.client.last(folder)?.diagnostics[0]?.codeDescription?.href).toContain('diagnostics.md#L');
    await use.client.diagnostics(pathToFileURL(use.workspace.path('b.plan.md')).href, 1);
    expect(use.client.published.filter((one) => one.uri === folder)).toHaveLength(1);

    fs.rmdirSync(config);
    fs.writeFileSync(config, '[loop]\n');
    use.client.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: folder, type: 2 }] });
    await use.client.until(() => use.client.last(folder)?.diagnostics.length === 0, 'no diagnostic any more');
  });

  it('that is a folder while the editor still shows the file is checked as the text that is shown', async () => {
    fs.mkdirSync(use.workspace.path('.weld/config.toml'), { recursive: true });
    const uri = use.client.open(use.workspace.path('.weld/config.toml'), '[loop]\n');
    expect(await use.client.diagnostics(uri, 1)).toEqual([]);
    use.client.open(use.workspace.path('a.plan.md'), PLAN);
    use.client.close(uri);
    await use.client.until(
      () => use.client.last(uri)?.diagnostics[0]?.code === 'config-unreadable',
      'a diagnostic of the folder',
    );
  });
});
