import * as fs from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect,  } from 'vitest';
import { parsePlan } from '../../../src/core/plan';
import { everyTime, inDepth } from '../../support/deep';
import { corpus } from '../core/plan/corpus';
import { LspClient, type Diagnostic, type Span } from './support/client';
import { actionsFor, apply } from './support/fixes';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer();

const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map(({ code }) => code);

async function fix(text: string, code: string, title: RegExp): Promise<string> {
  const uri = use.client.open(use.workspace.path('fix.plan.md'), text);
  const diagnostics = await use.client.diagnostics(uri, 1, (all) => codes(all).includes(code));
  const wanted = diagnostics.filter((one) => one.code === code).slice(0, 1);
  const actions = await actionsFor(use.client, uri, wanted);
  const action = actions.find((one) => title.test(one.title));
  if (action === undefined) throw new Error(`no fix ${String(title)} in: ${actions.map((one) => one.title).join(', ')}`);
  return apply(text, action);
}

describe('diagnostics of plans', () => {
  everyTime('have code, range and a link to their explanation', async () => {
    const uri = use.client.open(use.workspace.path('a.plan.md'), PLAN.replace('## Step 2', '## Step 4').replace('src/known.ts', 'src/lost.ts').replace('node --test more', 'no-such-program more'));
    const diagnostics = await use.client.diagnostics(uri, 1, (all) => codes(all).length >= 3);
    expect(Object.fromEntries(diagnostics.map(({ code, range }) => [code, [range.start.line, range.start.character, range.end.character]]))).toEqual({
      'missing-path': [10, 3, 14], 'missing-number': [22, 0, 23], 'missing-program': [38, 3, 18],
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
    expect(codes(await use.client.diagnostics(bad, 1))).toEqual(['no-steps']);
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

  everyTime('are for a run\'s plans, not for its prompts', async () => {
    const prompt = use.client.open(use.workspace.run('plan/plan.prompt.md'), 'no plan\n');
    const output = use.client.open(use.workspace.run('plan/output.md'), 'no plan\n');
    expect(codes(await use.client.diagnostics(output, 1))).toEqual(['no-steps']);
    expect(use.client.last(prompt)).toBeUndefined();
  });
});

describe('the one parser', () => {
  async function same(plans: Iterable<readonly [string, string]>): Promise<void> {
    for (const [name, text] of plans) {
      const uri = use.client.open(use.workspace.path(`${name}.plan.md`), text);
      const plan = parsePlan(text);
      const symbols = await use.client.request<{ name: string; range: Span; selectionRange: Span; children: { name: string; range: Span; children: { name: string; range: Span }[] }[] }[]>('textDocument/documentSymbol', { textDocument: { uri } });
      expect(symbols.map((symbol) => [symbol.name, symbol.range, symbol.selectionRange]), name).toEqual(plan.steps.map((step) => [`Step ${step.n}: ${step.title}`, step.range, step.heading]));
      expect(symbols.map(({ children }) => children.map((section) => [section.name.toLowerCase(), section.range, section.children.length])), name)
        .toEqual(plan.steps.map(({ sections }) => sections.map((section) => [section.name, section.range, section.items.length])));
      const published = await use.client.diagnostics(uri, 1);
      const own = published.filter(({ code }) => !['missing-path', 'missing-program'].includes(code));
      expect(own.map(({ code, range }) => [code, range]), name).toEqual(plan.warnings.map(({ code, range }) => [code, range]));
      use.client.close(uri);
    }
  }

  everyTime('gives the same steps in the server as in the core, for each eighth plan of the corpus', () => same([...corpus()].filter((_each, at) => at % 8 === 0)));
  inDepth('gives the same steps in the server as in the core, for every plan of the corpus', () => same(corpus()), 120_000);
});

describe('quick fixes', () => {
  everyTime('number again', async () => {
    const fixed = await fix(PLAN.replace('## Step 2', '## Step 7').replace('## Step 1', '## Step 3'), 'missing-number', /Number the steps again/u);
    expect(fixed).toBe(PLAN);
  });

  everyTime.each([['goal', /\n### Goal\n\nDo it\.\n/u], ['changes', /\n### Changes\n\n- `src[^]*?(?=\n### Acc)/u], ['acceptance-criteria', /\n### Acceptance criteria\n\n- \[ \] It works[^]*?(?=\n### Tests)/u], ['tests', /\n### Tests\n\n- `node --test`\n/u]])('add the missing section: %s', async (code, section) => {
    const fixed = await fix(PLAN.replace(section, ''), `missing-${code}`, /^Add (?!all)/u);
    expect(codes(parsePlan(fixed).warnings as never)).toEqual([]);
    expect(parsePlan(fixed).steps[0]?.sections.map(({ name }) => name)).toEqual(['goal', 'changes', 'acceptance criteria', 'tests']);
  });

  everyTime('add all missing sections', async () => {
    const fixed = await fix('## Step 1: A\n', 'missing-goal', /Add all/u);
    expect(parsePlan(fixed)).toMatchObject({ warnings: [], steps: [{ n: 1, title: 'A' }] });
  });

  everyTime.each(['# Step 2: Second thing', '## Step two: Second thing', '### Step 2 - Second thing', '**Step 2: Second thing**', 'Step 2: Second thing\n---', '   ## step 2: Second thing'])('make it strict: %j', async (heading) => {
    const fixed = await fix(PLAN.replace('## Step 2: Second thing', heading), /^(?:\*\*| )/u.test(heading) ? 'almost-a-step' : 'lenient-step', /^Write/u);
    expect(fixed).toBe(PLAN);
  });

  everyTime('write the steps of phases as they are counted', async () => {
    const fixed = await fix('## Phase 1: X\n\n### Step 1: A [COMPLETE]\n\n## Phase 2: Y\n\n### Step 1: B\n', 'renumbered', /^Write the numbers/u);
    expect(fixed).toBe('## Phase 1: X\n\n## Step 1: A [COMPLETE]\n\n## Phase 2: Y\n\n## Step 2: B\n');
    expect(parsePlan(fixed).steps.map(({ n, phase, title, mark }) => [n, phase, title, mark])).toEqual([[1, 'Phase 1: X', 'A', 'COMPLETE'], [2, 'Phase 2: Y', 'B', undefined]]);
  });

  everyTime('turn a numbered list into steps', async () => {
    const fixed = await fix('Plan:\n\n1. **One** – first\n2. Two\n   more\n', 'lenient-format', /every item/u);
    expect(parsePlan(fixed).steps.map(({ title, body }) => [title, body])).toEqual([['One', '**One** – first'], ['Two', 'more']]);
  });

  everyTime('take steps out of a fence', async () => {
    const fixed = await fix('Here:\n\n```markdown\n## Step 1: A\n```\n', 'step-in-fence', /out of the code fence/u);
    expect(fixed).toBe('Here:\n\n## Step 1: A\n');
  });

  everyTime('remove an empty and a repeated criterion', async () => {
    expect(await fix(PLAN.replace('It is fast', ''), 'empty-criterion', /Remove/u)).toBe(PLAN.replace('- [ ] It is fast\n', ''));
  });

  everyTime('make the missing file, or say that it is new', async () => {
    const text = PLAN.replace('`src/known.ts`', '`src/deep/lost.ts`');
    expect(parsePlan(await fix(text, 'missing-path', /is new/u)).steps[0]?.sections[1]?.items[0]?.text).toBe('`src/deep/lost.ts` (new): change it');
    const uri = pathToFileURL(use.workspace.path('fix.plan.md')).href;
    const diagnostics = use.client.last(uri)?.diagnostics ?? [];
    const actions = await actionsFor(use.client, uri, diagnostics);
    expect(actions.find(({ title }) => title === 'Create src/deep/lost.ts')?.edit.documentChanges).toEqual([{ kind: 'create', uri: pathToFileURL(use.workspace.path('src/deep/lost.ts')).href, options: { ignoreIfExists: true } }]);
  });
});

describe('reading and writing along', () => {
  const linksOf = async (one: LspClient, uri: string): Promise<string[]> =>
    (await one.request<{ target: string }[]>('textDocument/documentLink', { textDocument: { uri } })).map(({ target }) => target);

  everyTime('links references of a specification that stands outside of `.weld`, and of no other Markdown', async () => {
    const spec = use.workspace.write('docs/spec [1].md', 'As in src/known.ts:7.\n');
    const linked = `${pathToFileURL(use.workspace.path('src/known.ts')).href}#L7`;
    use.workspace.record('inputs/spec.ref.json', { absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null });
    const dynamic = new LspClient(use.server);
    await dynamic.start(use.workspace.top, {}, { capabilities: { textDocument: { synchronization: { dynamicRegistration: true }, documentLink: { dynamicRegistration: true } } } });
    const registered = await dynamic.until(() => {
      const all = dynamic.received.flatMap(({ method, params }) => (method === 'client/registerCapability' ? (params as { registrations: { method: string; registerOptions: { documentSelector?: unknown } }[] }).registrations : []));
      return all.length >= 4 && all;
    }, 'the registrations');
    expect(registered.map(({ method }) => method).sort()).toEqual(['textDocument/didChange', 'textDocument/didClose', 'textDocument/didOpen', 'textDocument/documentLink']);
    for (const { registerOptions } of registered) expect(registerOptions.documentSelector).toEqual([{ scheme: 'file', pattern: spec.replace('[1]', '[[]1[]]') }]);
    expect(await linksOf(dynamic, dynamic.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
    await dynamic.stop();

    // A client that registers nothing hands on every Markdown file.
    expect(await linksOf(use.client, use.client.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
    expect(await linksOf(use.client, use.client.open(use.workspace.path('README.md'), 'As in src/known.ts:7.\n'))).toEqual([]);
  });

  everyTime('knows the specification of a run that begins later', async () => {
    const spec = use.workspace.write('spec.md', '');
    const uri = use.client.open(spec, 'src/known.ts:1\n');
    expect(await linksOf(use.client, uri)).toEqual([]);
    use.workspace.record('inputs/spec.ref.json', { absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null });
    use.client.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(use.workspace.run('inputs/spec.ref.json')).href, type: 1 }] });
    expect(await linksOf(use.client, uri)).toHaveLength(1);
    expect(use.client.last(uri)).toBeUndefined();
  });

  everyTime('takes thousands of runs that come at once for one look', async () => {
    const spec = use.workspace.write('spec.md', '');
    const runs = Array.from({ length: 2_000 }, (_, at) => use.workspace.path(`.weld/runs/20200101-${String(at).padStart(6, '0')}-many`));
    for (const run of runs) fs.mkdirSync(run, { recursive: true });
    for (const run of runs) use.client.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(run).href, type: 1 }] });
    const begun = Date.now();
    // The request stands behind all of them: whoever looked for each would answer late.
    await use.client.request('textDocument/foldingRange', { textDocument: { uri: pathToFileURL(spec).href } });
    use.workspace.record('inputs/spec.ref.json', { absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null });
    expect(await linksOf(use.client, use.client.open(spec, 'As in src/known.ts:7.\n'))).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  everyTime('links path:line references of plans and research to files that are there', async () => {
    for (const file of ['research/research.md', 'plan/plan.raw.md', 'plan/plan.prompt.md']) {
      const uri = use.client.open(use.workspace.run(file), 'See src/known.ts:12 and `src/known.ts`, src/known.ts#L7, (src/known.ts:3-9), not src/lost.ts:3, known.ts, ../../etc/passwd:1.\n');
      const links = await use.client.request<{ range: Span; target: string }[]>('textDocument/documentLink', { textDocument: { uri } });
      const known = pathToFileURL(use.workspace.path('src/known.ts')).href;
      expect(links.map(({ range, target }) => [range.start.character, range.end.character, target])).toEqual([[4, 19, `${known}#L12`], [25, 37, known], [40, 55, `${known}#L7`], [58, 74, `${known}#L3`]]);
    }
  });

  everyTime.each(['Makefile:12', '.gitignore:3', '.github/CODEOWNERS:1', 'bin/weld:4', 'src/日本.ts:3', 'app/[id]/p.ts:4'])('links %s, with a path from the root too', async (reference) => {
    const [name = '', line = ''] = reference.split(':');
    const file = use.workspace.write(name, '');
    const uri = use.client.open(use.workspace.run('research/research.md'), `See ${reference}, ${file}:${line}. Not lost:3 or ${name}x:4.\n`);
    const links = await use.client.request<{ range: Span; target: string }[]>('textDocument/documentLink', { textDocument: { uri } });
    expect(links.map(({ range, target }) => [range.start.character, target])).toEqual([4, 6 + reference.length].map((at) => [at, `${pathToFileURL(file).href}#L${line}`]));
  });

  everyTime('completes steps, sections, paths and checks', async () => {
    use.workspace.write('.weld/config.toml', '[checks]\nunit = "npm run unit"\n');
    const text = '## Step 1: A\n\n### Changes\n\n- `src/`\n\n### Tests\n\n- \n\n#\n';
    const uri = use.client.open(use.workspace.path('c.plan.md'), text);
    const labels = async (line: number, character: number): Promise<string[]> => (await use.client.request<{ label: string }[]>('textDocument/completion', { textDocument: { uri }, position: { line, character } })).map(({ label }) => label);
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
    const items = await use.client.request<{ label: string; textEdit: { range: { start: { character: number } } } }[]>('textDocument/completion', { textDocument: { uri }, position: { line: 2, character: line.length } });
    expect(items.map(({ label }) => label)).toEqual(wanted);
    for (const { textEdit } of items) expect(textEdit.range.start.character).toBe(0);
  });

  everyTime('completes a path without code marks under Changes, and nowhere else', async () => {
    const uri = use.client.open(use.workspace.path('b.plan.md'), '## Step 1: A\n\n### Goal\n\nsrc/\n\n### Changes\n\n- edit src/kn\n- either/or words\n');
    const labels = async (line: number, character: number): Promise<string[]> => (await use.client.request<{ label: string }[]>('textDocument/completion', { textDocument: { uri }, position: { line, character } })).map(({ label }) => label);
    expect(await labels(8, 13)).toEqual(['known.ts']);
    expect(await labels(4, 4)).toEqual([]);
    expect(await labels(9, 11)).toEqual([]);
  });

  everyTime('completes a step that is a strict plan as it stands', async () => {
    const uri = use.client.open(use.workspace.path('d.plan.md'), PLAN.replace('# Plan\n', '# Plan\n\n##\n'));
    const items = await use.client.request<{ label: string; insertTextFormat: number; textEdit: { newText: string } }[]>('textDocument/completion', { textDocument: { uri }, position: { line: 2, character: 2 } });
    const [step] = items.filter(({ label }) => label.startsWith('## Step'));
    expect(step).toMatchObject({ label: '## Step 3: …', insertTextFormat: 2 });
    expect(parsePlan((step?.textEdit.newText ?? '').replaceAll('Step 3', 'Step 1').replace(/\$\{\d:?(\w*)\}/gu, (_all, word: string) => word || 'x'))).toMatchObject({ warnings: [], steps: [{ title: 'Title' }] });
  });

  everyTime('folds steps and sections', async () => {
    const uri = use.client.open(use.workspace.path('f.plan.md'), PLAN);
    const folds = await use.client.request<{ startLine: number; endLine: number }[]>('textDocument/foldingRange', { textDocument: { uri } });
    expect(folds[0]).toMatchObject({ startLine: 2, endLine: 20 });
    expect(folds).toHaveLength(10);
  });
});
