import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LspClient } from './support/client';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer();

const PLAN_WITH = (program: string): string => PLAN.replace('`node --test`', `\`${program} --test\``);
const codes = (uri: string): string[] => (use.client.last(uri)?.diagnostics ?? []).map(({ code }) => code);

/** A server that takes long to find that a program is missing, because its PATH has thousands of folders. */
async function slowServer(settings: object): Promise<LspClient> {
  const slow = new LspClient(use.server, {
    ...process.env,
    PATH: Array.from({ length: 12_000 }, (_, at) => `/n${at}`).join(path.delimiter),
  });
  slow.settings = settings;
  await slow.start(use.workspace.top);
  return slow;
}

describe('no stale diagnostics', () => {
  it('of a document that is no plan any more, when an answer of the disk comes late', async () => {
    const slow = await slowServer({ planFiles: ['one/*.md', 'two/*.md'] });
    const text = PLAN_WITH('no-such-program');
    const one = slow.open(use.workspace.path('one/a.md'), text);
    const two = slow.open(use.workspace.path('two/a.md'), text);
    await slow.diagnostics(one, 1);
    slow.settings = { planFiles: ['two/*.md'] };
    slow.tell('workspace/didChangeConfiguration', { settings: null });
    await slow.until(() => slow.last(one)?.version === undefined, 'what takes all back');
    await slow.until(() => slow.last(two)?.diagnostics.length === 2, 'the answer of the disk');
    // The answer to a request comes after everything sent before it.
    await slow.request('textDocument/documentSymbol', { textDocument: { uri: two } });
    expect(slow.last(one)?.diagnostics).toEqual([]);
    await slow.stop();
  });

  it('of a path that has come, without any word of the client, at the next keystroke', async () => {
    const uri = use.client.open(use.workspace.path('a.plan.md'), PLAN.replace('src/known.ts', 'src/later.ts'));
    await use.client.until(() => codes(uri).join() === 'missing-path', 'the missing path');
    use.workspace.write('src/later.ts', '');
    await new Promise((wake) => setTimeout(wake, 3_100)); // how long an answer of the disk stays valid
    use.client.change(uri, 2, [
      { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, text: 'x' },
    ]);
    await use.client.until(() => codes(uri).length === 0, 'nothing missing any more');
  });

  it('nor any that go and come again, whatever happens to files', async () => {
    const uri = use.client.open(
      use.workspace.path('a.plan.md'),
      PLAN_WITH('no-such-program').replace('src/known.ts', 'src/lost.ts'),
    );
    await use.client.until(() => codes(uri).length === 2, 'what is missing');
    const before = use.client.published.length;
    for (const name of ['one', 'two']) {
      const told = use.client.published.length;
      use.client.tell('workspace/didChangeWatchedFiles', {
        changes: [{ uri: pathToFileURL(use.workspace.path(name)).href, type: 1 }],
      });
      await use.client.until(() => use.client.published.length > told, 'another look');
    }
    expect(use.client.published.slice(before).map(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual([
      ['missing-path', 'missing-program'],
      ['missing-path', 'missing-program'],
    ]);
    use.workspace.write('src/lost.ts', '');
    use.client.tell('workspace/didChangeWatchedFiles', {
      changes: [{ uri: pathToFileURL(use.workspace.path('src/lost.ts')).href, type: 1 }],
    });
    await use.client.until(() => codes(uri).join() === 'missing-program', 'the path that has come');
  });

  it('of a plan that is the specification of a run and nothing else any more', async () => {
    const spec = use.workspace.write('docs/x.plan.md', '');
    use.workspace.record('inputs/spec.ref.json', {
      absolute_path: spec,
      sha256: 'x',
      size_bytes: 1,
      git_blob_id: null,
    });
    // A request for a document's links makes the server check which files are specifications.
    await use.client.request('textDocument/documentLink', { textDocument: { uri: pathToFileURL(spec).href } });
    const uri = use.client.open(spec, 'no plan\n');
    await use.client.until(() => codes(uri).join() === 'no-steps', 'no-steps');
    use.client.settings = { planFiles: [] };
    use.client.tell('workspace/didChangeConfiguration', { settings: null });
    await use.client.until(() => codes(uri).length === 0, 'no diagnostics');
  });

  it('of a plan that was closed while the disk was asked', async () => {
    const slow = await slowServer({});
    const uri = slow.open(use.workspace.path('a.plan.md'), PLAN_WITH('no-such-program'));
    await slow.diagnostics(uri, 1);
    slow.close(uri);
    const again = slow.open(use.workspace.path('b.plan.md'), PLAN_WITH('no-such-program'));
    await slow.until(() => slow.last(again)?.diagnostics.length === 2, 'the answer of the disk');
    await slow.request('textDocument/documentSymbol', { textDocument: { uri } });
    expect(slow.last(uri)?.diagnostics).toEqual([]);
    await slow.stop();
  });
});

describe('a workspace of several folders', () => {
  it('has plans, settings and specifications in each, also in a folder that comes later', async () => {
    const second = path.join(use.workspace.top, 'second');
    const third = path.join(use.workspace.top, 'third');
    for (const top of [second, third]) {
      fs.mkdirSync(path.join(top, '.git'), { recursive: true });
      fs.mkdirSync(path.join(top, '.weld/runs/20260105-120000-own/inputs'), { recursive: true });
      fs.writeFileSync(path.join(top, 'only-here.ts'), '');
      fs.writeFileSync(
        path.join(top, '.weld/config.toml'),
        `[checks]\n${path.basename(top)} = "node ${path.basename(top)}"\n`,
      );
      fs.writeFileSync(
        path.join(top, '.weld/runs/20260105-120000-own/inputs/spec.ref.json'),
        JSON.stringify({ absolute_path: path.join(top, 'spec.md'), sha256: 'x', size_bytes: 1, git_blob_id: null }),
      );
    }
    const folder = (top: string): object => ({ uri: pathToFileURL(top).href, name: path.basename(top) });
    const client = new LspClient(use.server);
    await client.start(
      use.workspace.top,
      { workspaceFolders: true },
      {
        workspaceFolders: [folder(use.workspace.top), folder(second)],
        capabilities: {
          workspace: { workspaceFolders: true },
          textDocument: { synchronization: { dynamicRegistration: true }, documentLink: { dynamicRegistration: true } },
        },
      },
    );

    const text = PLAN.replace('src/known.ts', 'only-here.ts');
    const [here, there] = [
      client.open(use.workspace.path('a.plan.md'), text),
      client.open(path.join(second, 'a.plan.md'), text),
    ];
    await client.until(() => client.last(here)?.diagnostics.length === 1, 'the path that is not in the first folder');
    expect(await client.diagnostics(there, 1)).toEqual([]);
    const tests = text.split('\n').findIndex((line) => line.startsWith('- `node --test`'));
    const labels = (
      await client.request<{ label: string }[]>('textDocument/completion', {
        textDocument: { uri: there },
        position: { line: tests, character: 2 },
      })
    ).map(({ label }) => label);
    expect(labels).toEqual(['second']);

    const registered = (): string[] =>
      client.received
        .flatMap(({ method, params }) =>
          method === 'client/registerCapability'
            ? (
                params as {
                  registrations: { method: string; registerOptions: { documentSelector?: { pattern: string }[] } }[];
                }
              ).registrations
            : [],
        )
        .filter(({ method }) => method === 'textDocument/documentLink')
        .flatMap(({ registerOptions }) => (registerOptions.documentSelector ?? []).map(({ pattern }) => pattern));
    await client.until(
      () => registered().includes(path.join(second, 'spec.md')),
      'the specification of the second folder',
    );
    expect(registered()).not.toContain(path.join(third, 'spec.md'));
    client.tell('workspace/didChangeWorkspaceFolders', { event: { added: [folder(third)], removed: [] } });
    await client.until(
      () => registered().includes(path.join(third, 'spec.md')),
      'the specification of the third folder',
    );
    await client.stop();
  });
});

describe('a repository inside of the folder that is open', () => {
  it('has its specifications known once one of its plans is open', async () => {
    const run = 'inner/.weld/runs/20260105-120000-own';
    const spec = use.workspace.write('inner/spec.md', '');
    use.workspace.write(
      `${run}/inputs/spec.ref.json`,
      JSON.stringify({ absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null }),
    );
    const client = new LspClient(use.server);
    await client.start(
      use.workspace.top,
      {},
      {
        capabilities: {
          textDocument: { synchronization: { dynamicRegistration: true }, documentLink: { dynamicRegistration: true } },
        },
      },
    );
    client.open(use.workspace.path(run, 'plan/plan.raw.md'), PLAN);
    await client.until(
      () =>
        JSON.stringify(client.received.filter(({ method }) => method === 'client/registerCapability')).includes(spec),
      'the specification',
    );
    await client.stop();
  });
});

describe('a client that can do next to nothing', () => {
  it('keeps the settings that it began with when it answers null for those that nobody has set', async () => {
    const client = new LspClient(use.server);
    await client.start(use.workspace.top, {}, { initializationOptions: { settings: { planFiles: ['docs/*.md'] } } });
    const uri = client.open(use.workspace.path('docs/todo.md'), 'no plan\n');
    await client.until(
      () => client.received.some(({ method }) => method === 'workspace/configuration'),
      'the question for settings',
    );
    client.change(uri, 2, [{ text: 'still none\n' }]);
    expect((await client.diagnostics(uri, 2)).map(({ code }) => code)).toEqual(['no-steps']);
    await client.stop();
  });

  it('is served all the same, and its settings come with the notification', async () => {
    const bare = new LspClient(use.server);
    await bare.start(
      use.workspace.top,
      {},
      { capabilities: {}, workspaceFolders: null, rootUri: null, initializationOptions: undefined },
    );
    const uri = bare.open(use.workspace.path('docs/todo.md'), 'no plan\n');
    const plan = bare.open(use.workspace.path('a.plan.md'), PLAN.replace('src/known.ts', 'src/lost.ts'));
    const [missing] = await bare.diagnostics(plan, 1, (all) => all.length === 1);
    const actions = await bare.request<{ title: string }[]>('textDocument/codeAction', {
      textDocument: { uri: plan },
      range: missing?.range,
      context: { diagnostics: [missing] },
    });
    expect(actions.map(({ title }) => title)).toEqual(['Say that the file is new']); // it could not create a file
    expect(actions[0]).toMatchObject({ edit: { changes: { [plan]: [{ newText: ' (new)' }] } } });
    const of = <T>(method: string, position?: object, uri = plan): Promise<T> =>
      bare.request<T>(`textDocument/${method}`, {
        textDocument: { uri },
        ...(position === undefined ? {} : { position }),
      });
    const symbols =
      await of<{ name: string; location: { range: { start: { line: number } } }; containerName?: string }[]>(
        'documentSymbol',
      );
    expect(symbols.slice(0, 2)).toMatchObject([
      { name: 'Step 1: First thing', location: { uri: plan, range: { start: { line: 2 } } } },
      { name: 'Goal', containerName: 'Step 1: First thing' },
    ]);
    const [item, ...others] = (
      await of<{ label: string; insertTextFormat?: number; textEdit: { newText: string } }[]>('completion', {
        line: 1,
        character: 0,
      })
    ).filter(({ label }) => label.startsWith('## Step'));
    expect([others, item?.insertTextFormat]).toEqual([[], undefined]);
    expect(item?.textEdit.newText).toMatch(/^## Step 3: Title\n\n### Goal\n/u);
    expect(item?.textEdit.newText).not.toContain('$');

    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'blocker', file: '', hint: 'It fails', maps_to: 1 },
    ]);
    const run = bare.open(
      use.workspace.write(path.relative(use.workspace.top, use.workspace.run('plan/plan.raw.md')), PLAN),
      PLAN,
    );
    const lenses = await of<{ command: { title: string; command: string } }[]>('codeLens', undefined, run);
    expect(lenses.map(({ command }) => command)).toEqual(
      ['iterations 1/5, failed review', 'blocker: It fails, iteration 1', 'met, iteration 1'].map((title) => ({
        title,
        command: '',
      })),
    );
    expect(await of('definition', { line: 15, character: 8 }, run)).toMatchObject([
      { uri: pathToFileURL(use.workspace.run('steps/01-first-thing/iter/01/issues.json')).href, range: { start: {} } },
    ]);
    bare.close(run);
    expect(bare.last(uri)).toBeUndefined();
    bare.tell('workspace/didChangeConfiguration', { settings: { weld: { plans: { planFiles: ['docs/*.md'] } } } });
    await bare.until(
      () => bare.last(uri)?.diagnostics.length === 1 && bare.last(plan)?.diagnostics.length === 0,
      'what the settings say',
    );
    // the server requests only what the client supports
    expect(bare.received.filter(({ id }) => id !== undefined)).toEqual([]);
    await bare.stop();
  });
});
