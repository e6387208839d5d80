import * as fs from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import { parsePlan } from '../../../src/core/plan';
import { everyTime } from '../../support/deep';
import { codesOf, LspClient, type Span } from './support/client';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer();

describe('diagnostics of plans', () => {
  everyTime('have code, range and a link to their explanation', async () => {
    const uri = use.client.open(
      use.workspace.path('a.plan.md'),
      PLAN.replace('## Step 2', '## Step 4')
        .replace('src/known.ts', 'src/lost.ts')
        .replace('node --test more', 'no-such-program more'),
    );
    const diagnostics = await use.client.diagnostics(uri, 1, (all) => codesOf(all).length >= 3);
    expect(
      Object.fromEntries(
        diagnostics.map(({ code, range }) => [code, [range.start.line, range.start.character, range.end.character]]),
      ),
    ).toEqual({
      'missing-path': [10, 3, 14],
      'missing-number': [22, 0, 23],
      'missing-program': [38, 3, 18],
    });
    for (const { code, codeDescription, source } of diagnostics) {
      const [file = '', line = ''] = (codeDescription?.href ?? '').split('#L');
      expect(fs.readFileSync(fileURLToPath(file), 'utf8').split('\n')[Number(line) - 1]).toBe(`## ${code}`);
      expect(source).toBe('Weld');
    }
  });

  everyTime('are none for a good plan, nothing for other Markdown, and go when the document closes', async () => {
    const other = use.client.open(use.workspace.path('README.md'), '# Step 1\n');
    const good = use.client.open(use.workspace.path('good.plan.md'), PLAN);
    expect(await use.client.diagnostics(good, 1)).toEqual([]);
    const bad = use.client.open(use.workspace.path('bad.plan.md'), 'no plan\n');
    expect(codesOf(await use.client.diagnostics(bad, 1))).toEqual(['no-steps']);
    use.client.close(bad);
    await use.client.until(() => use.client.last(bad)?.diagnostics.length === 0, 'empty diagnostics');
    expect(use.client.last(other)).toBeUndefined();
  });

  everyTime('follow the setting that says which files are plans', async () => {
    const uri = use.client.open(use.workspace.path('docs/todo.md'), 'no plan\n');
    use.client.settings = { planFiles: ['docs/*.md'] };
    use.client.tell('workspace/didChangeConfiguration', { settings: null });
    await use.client.until(() => (use.client.last(uri)?.diagnostics.length ?? 0) > 0, 'diagnostics');
    use.client.settings = { planFiles: [] };
    use.client.tell('workspace/didChangeConfiguration', { settings: null });
    await use.client.until(() => use.client.last(uri)?.diagnostics.length === 0, 'no diagnostics');
  });

  everyTime("are for a run's plans, not for its prompts", async () => {
    const prompt = use.client.open(use.workspace.run('plan/plan.prompt.md'), 'no plan\n');
    const output = use.client.open(use.workspace.run('plan/output.md'), 'no plan\n');
    expect(codesOf(await use.client.diagnostics(output, 1))).toEqual(['no-steps']);
    expect(use.client.last(prompt)).toBeUndefined();
  });
});

describe('reading and writing along', () => {
  const linksOf = async (one: LspClient, uri: string): Promise<string[]> =>
    (await one.request<{ target: string }[]>('textDocument/documentLink', { textDocument: { uri } })).map(
      ({ target }) => target,
    );

  everyTime(
    'links references of a specification that stands outside of `.weld`, and of no other Markdown',
    async () => {
      const spec = use.workspace.write('docs/spec [1].md', 'As in src/known.ts:7.\n');
      const linked = `${pathToFileURL(use.workspace.path('src/known.ts')).href}#L7`;
      use.workspace.record('inputs/spec.ref.json', {
        absolute_path: spec,
        sha256: 'x',
        size_bytes: 1,
        git_blob_id: null,
      });
      const dynamic = new LspClient(use.server);
      await dynamic.start(
        use.workspace.top,
        {},
        {
          capabilities: {
            textDocument: {
              synchronization: { dynamicRegistration: true },
              documentLink: { dynamicRegistration: true },
            },
          },
        },
      );
      const registered = await dynamic.until(() => {
        const all = dynamic.received.flatMap(({ method, params }) =>
          method === 'client/registerCapability'
            ? (params as { registrations: { method: string; registerOptions: { documentSelector?: unknown } }[] })
                .registrations
            : [],
        );
        return all.length >= 4 && all;
      }, 'the registrations');
      expect(registered.map(({ method }) => method).sort()).toEqual([
        'textDocument/didChange',
        'textDocument/didClose',
        'textDocument/didOpen',
        'textDocument/documentLink',
      ]);
      for (const { registerOptions } of registered)
        expect(registerOptions.documentSelector).toEqual([{ scheme: 'file', pattern: spec.replace('[1]', '[[]1[]]') }]);
      expect(await linksOf(dynamic, dynamic.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
      await dynamic.stop();

      // A client without dynamic registration sends every Markdown file.
      expect(await linksOf(use.client, use.client.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
      expect(
        await linksOf(use.client, use.client.open(use.workspace.path('README.md'), 'As in src/known.ts:7.\n')),
      ).toEqual([]);
    },
  );

  everyTime('knows the specification of a run that begins later', async () => {
    const spec = use.workspace.write('spec.md', '');
    const uri = use.client.open(spec, 'src/known.ts:1\n');
    expect(await linksOf(use.client, uri)).toEqual([]);
    use.workspace.record('inputs/spec.ref.json', {
      absolute_path: spec,
      sha256: 'x',
      size_bytes: 1,
      git_blob_id: null,
    });
    use.client.tell('workspace/didChangeWatchedFiles', {
      changes: [{ uri: pathToFileURL(use.workspace.run('inputs/spec.ref.json')).href, type: 1 }],
    });
    expect(await linksOf(use.client, uri)).toHaveLength(1);
    expect(use.client.last(uri)).toBeUndefined();
  });

  everyTime('takes thousands of runs that come at once for one look', async () => {
    const spec = use.workspace.write('spec.md', '');
    const runs = Array.from({ length: 2_000 }, (_, at) =>
      use.workspace.path(`.weld/runs/20200101-${String(at).padStart(6, '0')}-many`),
    );
    for (const run of runs) fs.mkdirSync(run, { recursive: true });
    for (const run of runs)
      use.client.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(run).href, type: 1 }] });
    const begun = Date.now();
    // The request comes after all of them: a server that searched for each would answer late.
    await use.client.request('textDocument/foldingRange', { textDocument: { uri: pathToFileURL(spec).href } });
    use.workspace.record('inputs/spec.ref.json', {
      absolute_path: spec,
      sha256: 'x',
      size_bytes: 1,
      git_blob_id: null,
    });
    expect(await linksOf(use.client, use.client.open(spec, 'As in src/known.ts:7.\n'))).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  everyTime('links path:line references of plans and research to files that are there', async () => {
    for (const file of ['research/research.md', 'plan/plan.raw.md', 'plan/plan.prompt.md']) {
      const uri = use.client.open(
        use.workspace.run(file),
        'See src/known.ts:12 and `src/known.ts`, src/known.ts#L7, (src/known.ts:3-9), not src/lost.ts:3, ' +
          'known.ts, ../../etc/passwd:1.\n',
      );
      const links = await use.client.request<{ range: Span; target: string }[]>('textDocument/documentLink', {
        textDocument: { uri },
      });
      const known = pathToFileURL(use.workspace.path('src/known.ts')).href;
      expect(links.map(({ range, target }) => [range.start.character, range.end.character, target])).toEqual([
        [4, 19, `${known}#L12`],
        [25, 37, known],
        [40, 55, `${known}#L7`],
        [58, 74, `${known}#L3`],
      ]);
    }
  });

  everyTime.each([
    'Makefile:12',
    '.gitignore:3',
    '.github/CODEOWNERS:1',
    'bin/weld:4',
    'src/日本.ts:3',
    'app/[id]/p.ts:4',
  ])('links %s, with a path from the root too', async (reference) => {
    const [name = '', line = ''] = reference.split(':');
    const file = use.workspace.write(name, '');
    const uri = use.client.open(
      use.workspace.run('research/research.md'),
      `See ${reference}, ${file}:${line}. Not lost:3 or ${name}x:4.\n`,
    );
    const links = await use.client.request<{ range: Span; target: string }[]>('textDocument/documentLink', {
      textDocument: { uri },
    });
    expect(links.map(({ range, target }) => [range.start.character, target])).toEqual(
      [4, 6 + reference.length].map((at) => [at, `${pathToFileURL(file).href}#L${line}`]),
    );
  });

  everyTime('completes steps, sections, paths and checks', async () => {
    use.workspace.write('.weld/config.toml', '[checks]\nunit = "npm run unit"\n');
    const text = '## Step 1: A\n\n### Changes\n\n- `src/`\n\n### Tests\n\n- \n\n#\n';
    const uri = use.client.open(use.workspace.path('c.plan.md'), text);
    const labels = async (line: number, character: number): Promise<string[]> =>
      (
        await use.client.request<{ label: string }[]>('textDocument/completion', {
          textDocument: { uri },
          position: { line, character },
        })
      ).map(({ label }) => label);
    expect(await labels(10, 1)).toEqual(['### Goal', '### Acceptance criteria', '## Step 2: …']);
    expect(await labels(4, 7)).toEqual(['known.ts']);
    expect(await labels(8, 2)).toEqual(['unit']);
  });

  everyTime.each([
    ['## Step ', ['### Goal', '### Changes', '### Acceptance criteria', '### Tests', '## Step 2: …']],
    ['## Step 2', ['### Goal', '### Changes', '### Acceptance criteria', '### Tests', '## Step 2: …']],
    ['### Acceptance cri', ['### Goal', '### Changes', '### Acceptance criteria', '### Tests', '## Step 2: …']],
    ['## Step 2: A title', []],
    ['Some plain words', []],
  ])('goes on completing the heading %j', async (line, wanted) => {
    const uri = use.client.open(use.workspace.path('h.plan.md'), `## Step 1: A\n\n${line}\n`);
    const items = await use.client.request<{ label: string; textEdit: { range: { start: { character: number } } } }[]>(
      'textDocument/completion',
      { textDocument: { uri }, position: { line: 2, character: line.length } },
    );
    expect(items.map(({ label }) => label)).toEqual(wanted);
    for (const { textEdit } of items) expect(textEdit.range.start.character).toBe(0);
  });

  everyTime('completes a path without code marks under Changes, and nowhere else', async () => {
    const uri = use.client.open(
      use.workspace.path('b.plan.md'),
      '## Step 1: A\n\n### Goal\n\nsrc/\n\n### Changes\n\n- edit src/kn\n- either/or words\n',
    );
    const labels = async (line: number, character: number): Promise<string[]> =>
      (
        await use.client.request<{ label: string }[]>('textDocument/completion', {
          textDocument: { uri },
          position: { line, character },
        })
      ).map(({ label }) => label);
    expect(await labels(8, 13)).toEqual(['known.ts']);
    expect(await labels(4, 4)).toEqual([]);
    expect(await labels(9, 11)).toEqual([]);
  });

  everyTime('completes a step that is a strict plan as it stands', async () => {
    const uri = use.client.open(use.workspace.path('d.plan.md'), PLAN.replace('# Plan\n', '# Plan\n\n##\n'));
    const items = await use.client.request<
      { label: string; insertTextFormat: number; textEdit: { newText: string } }[]
    >('textDocument/completion', { textDocument: { uri }, position: { line: 2, character: 2 } });
    const [step] = items.filter(({ label }) => label.startsWith('## Step'));
    expect(step).toMatchObject({ label: '## Step 3: …', insertTextFormat: 2 });
    expect(
      parsePlan(
        (step?.textEdit.newText ?? '')
          .replaceAll('Step 3', 'Step 1')
          .replace(/\$\{\d:?(\w*)\}/gu, (_all, word: string) => word || 'x'),
      ),
    ).toMatchObject({ warnings: [], steps: [{ title: 'Title' }] });
  });

  everyTime('folds steps and sections', async () => {
    const uri = use.client.open(use.workspace.path('f.plan.md'), PLAN);
    const folds = await use.client.request<{ startLine: number; endLine: number }[]>('textDocument/foldingRange', {
      textDocument: { uri },
    });
    expect(folds[0]).toMatchObject({ startLine: 2, endLine: 20 });
    expect(folds).toHaveLength(10);
  });
});
