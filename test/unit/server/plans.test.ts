import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parsePlan } from '../../../src/core/plan';
import { corpus } from '../core/plan/corpus';
import { LspClient, type Diagnostic, type Span } from './support/client';
import { bundleServer, PLAN, RUN, Workspace } from './support/workspace';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-server-'));
let server = '';
beforeAll(async () => { server = await bundleServer(dir); });
afterAll(() => { fs.rmSync(dir, { recursive: true, force: true }); });

let workspace: Workspace;
let client: LspClient;
beforeEach(async () => {
  workspace = new Workspace();
  client = new LspClient(server);
  await client.start(workspace.top);
});
afterEach(async () => {
  await client.stop();
  workspace.dispose();
});

interface Action { readonly title: string; readonly edit: { readonly documentChanges: readonly { readonly kind?: string; readonly uri?: string; readonly edits?: readonly { readonly range: Span; readonly newText: string }[] }[] } }
interface Lens { readonly range: Span; readonly command: { readonly title: string; readonly command: string; readonly arguments?: readonly unknown[] } }

/** Applies a fix to a text, as an editor does. */
function apply(text: string, action: Action): string {
  const lines = text.split('\n');
  const offset = (at: { line: number; character: number }): number => lines.slice(0, at.line).reduce((sum, line) => sum + line.length + 1, 0) + at.character;
  const edits = action.edit.documentChanges.flatMap((change) => change.edits ?? []);
  return edits.toSorted((a, b) => offset(b.range.start) - offset(a.range.start)).reduce((done, { range, newText }) => done.slice(0, offset(range.start)) + newText + done.slice(offset(range.end)), text);
}

const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map(({ code }) => code);

async function fix(text: string, code: string, title: RegExp): Promise<string> {
  const uri = client.open(workspace.path('fix.plan.md'), text);
  const diagnostics = await client.diagnostics(uri, 1, (all) => codes(all).includes(code));
  const wanted = diagnostics.filter((one) => one.code === code).slice(0, 1);
  const actions = await client.request<Action[]>('textDocument/codeAction', { textDocument: { uri }, range: wanted[0]?.range, context: { diagnostics: wanted } });
  const action = actions.find((one) => title.test(one.title));
  if (action === undefined) throw new Error(`no fix ${String(title)} in: ${actions.map((one) => one.title).join(', ')}`);
  return apply(text, action);
}

describe('diagnostics of plans', () => {
  it('have code, range and a link to their explanation', async () => {
    const uri = client.open(workspace.path('a.plan.md'), PLAN.replace('## Step 2', '## Step 4').replace('src/known.ts', 'src/lost.ts').replace('node --test more', 'no-such-program more'));
    const diagnostics = await client.diagnostics(uri, 1, (all) => codes(all).length >= 3);
    expect(Object.fromEntries(diagnostics.map(({ code, range }) => [code, [range.start.line, range.start.character, range.end.character]]))).toEqual({
      'missing-path': [10, 3, 14], 'missing-number': [22, 0, 23], 'missing-program': [38, 3, 18],
    });
    for (const { code, codeDescription, source } of diagnostics) {
      const [file = '', line = ''] = (codeDescription?.href ?? '').split('#L');
      expect(fs.readFileSync(fileURLToPath(file), 'utf8').split('\n')[Number(line) - 1]).toBe(`## ${code}`);
      expect(source).toBe('Weld');
    }
  });

  it('are none for a good plan, nothing for other Markdown, and go when the document closes', async () => {
    const other = client.open(workspace.path('README.md'), '# Step 1\n');
    const good = client.open(workspace.path('good.plan.md'), PLAN);
    expect(await client.diagnostics(good, 1)).toEqual([]);
    const bad = client.open(workspace.path('bad.plan.md'), 'no plan\n');
    expect(codes(await client.diagnostics(bad, 1))).toEqual(['no-steps']);
    client.close(bad);
    await client.until(() => client.last(bad)?.diagnostics.length === 0, 'empty diagnostics');
    expect(client.last(other)).toBeUndefined();
  });

  it('follow the setting that says which files are plans', async () => {
    const uri = client.open(workspace.path('docs/todo.md'), 'no plan\n');
    client.settings = { planFiles: ['docs/*.md'] };
    client.tell('workspace/didChangeConfiguration', { settings: null });
    await client.until(() => (client.last(uri)?.diagnostics.length ?? 0) > 0, 'diagnostics');
    client.settings = { planFiles: [] };
    client.tell('workspace/didChangeConfiguration', { settings: null });
    await client.until(() => client.last(uri)?.diagnostics.length === 0, 'no diagnostics');
  });

  it('are for a run\'s plans, not for its prompts', async () => {
    const prompt = client.open(workspace.run('plan/plan.prompt.md'), 'no plan\n');
    const output = client.open(workspace.run('plan/output.md'), 'no plan\n');
    expect(codes(await client.diagnostics(output, 1))).toEqual(['no-steps']);
    expect(client.last(prompt)).toBeUndefined();
  });
});

describe('the one parser', () => {
  it('gives the same steps in the server as in the core, for every plan of the corpus', async () => {
    for (const [name, text] of corpus()) {
      const uri = client.open(workspace.path(`${name}.plan.md`), text.replace(/^\ufeff/u, ''));
      const plan = parsePlan(text);
      const symbols = await client.request<{ name: string; range: Span; selectionRange: Span; children: { name: string; range: Span; children: { name: string; range: Span }[] }[] }[]>('textDocument/documentSymbol', { textDocument: { uri } });
      expect(symbols.map((symbol) => [symbol.name, symbol.range, symbol.selectionRange]), name).toEqual(plan.steps.map((step) => [`Step ${step.n}: ${step.title}`, step.range, step.heading]));
      expect(symbols.map(({ children }) => children.map((section) => [section.name.toLowerCase(), section.range, section.children.length])), name)
        .toEqual(plan.steps.map(({ sections }) => sections.map((section) => [section.name, section.range, section.items.length])));
      const published = await client.diagnostics(uri, 1);
      const own = published.filter(({ code }) => !['missing-path', 'missing-program'].includes(code));
      expect(own.map(({ code, range }) => [code, range]), name).toEqual(plan.warnings.map(({ code, range }) => [code, range]));
      client.close(uri);
    }
  }, 120_000);
});

describe('quick fixes', () => {
  it('number again', async () => {
    const fixed = await fix(PLAN.replace('## Step 2', '## Step 7').replace('## Step 1', '## Step 3'), 'missing-number', /Number the steps again/u);
    expect(fixed).toBe(PLAN);
  });

  it.each([['goal', /\n### Goal\n\nDo it\.\n/u], ['changes', /\n### Changes\n\n- `src[^]*?(?=\n### Acc)/u], ['acceptance-criteria', /\n### Acceptance criteria\n\n- \[ \] It works[^]*?(?=\n### Tests)/u], ['tests', /\n### Tests\n\n- `node --test`\n/u]])('add the missing section: %s', async (code, section) => {
    const fixed = await fix(PLAN.replace(section, ''), `missing-${code}`, /^Add (?!all)/u);
    expect(codes(parsePlan(fixed).warnings as never)).toEqual([]);
    expect(parsePlan(fixed).steps[0]?.sections.map(({ name }) => name)).toEqual(['goal', 'changes', 'acceptance criteria', 'tests']);
  });

  it('add all missing sections', async () => {
    const fixed = await fix('## Step 1: A\n', 'missing-goal', /Add all/u);
    expect(parsePlan(fixed)).toMatchObject({ warnings: [], steps: [{ n: 1, title: 'A' }] });
  });

  it.each(['# Step 2: Second thing', '## Step two: Second thing', '### Step 2 - Second thing', '**Step 2: Second thing**', 'Step 2: Second thing\n---', '   ## step 2: Second thing'])('make it strict: %j', async (heading) => {
    const fixed = await fix(PLAN.replace('## Step 2: Second thing', heading), 'almost-a-step', /^Write/u);
    expect(fixed).toBe(PLAN);
  });

  it('turn a numbered list into steps', async () => {
    const fixed = await fix('Plan:\n\n1. **One** – first\n2. Two\n   more\n', 'lenient-format', /every item/u);
    expect(parsePlan(fixed).steps.map(({ title, body }) => [title, body])).toEqual([['One', '**One** – first'], ['Two', 'more']]);
  });

  it('take steps out of a fence', async () => {
    const fixed = await fix('Here:\n\n```markdown\n## Step 1: A\n```\n', 'step-in-fence', /out of the code fence/u);
    expect(fixed).toBe('Here:\n\n## Step 1: A\n');
  });

  it('remove an empty and a repeated criterion', async () => {
    expect(await fix(PLAN.replace('It is fast', ''), 'empty-criterion', /Remove/u)).toBe(PLAN.replace('- [ ] It is fast\n', ''));
  });

  it('make the missing file, or say that it is new', async () => {
    const text = PLAN.replace('`src/known.ts`', '`src/deep/lost.ts`');
    expect(parsePlan(await fix(text, 'missing-path', /is new/u)).steps[0]?.sections[1]?.items[0]?.text).toBe('`src/deep/lost.ts` (new): change it');
    const uri = pathToFileURL(workspace.path('fix.plan.md')).href;
    const diagnostics = client.last(uri)?.diagnostics ?? [];
    const actions = await client.request<Action[]>('textDocument/codeAction', { textDocument: { uri }, range: diagnostics[0]?.range, context: { diagnostics } });
    expect(actions.find(({ title }) => title === 'Create src/deep/lost.ts')?.edit.documentChanges).toEqual([{ kind: 'create', uri: pathToFileURL(workspace.path('src/deep/lost.ts')).href, options: { ignoreIfExists: true } }]);
  });
});

describe('the plan of a run', () => {
  const open = (text = PLAN): string => {
    const file = workspace.run('plan/plan.raw.md');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return client.open(file, text);
  };
  const lenses = async (uri: string): Promise<Lens[]> => client.request<Lens[]>('textDocument/codeLens', { textDocument: { uri } });
  const titles = (all: readonly Lens[], line: number): string[] => all.filter(({ range }) => range.start.line === line).map(({ command }) => command.title);
  const eventually = async (uri: string, line: number, wanted: RegExp): Promise<string[]> => {
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await new Promise((wake) => setTimeout(wake, 100))) {
      const now = titles(await lenses(uri), line);
      if (wanted.test(now.join(' | '))) return now;
    }
    throw new Error(`${String(wanted)} did not come: ${titles(await lenses(uri), line).join(' | ')}`);
  };

  it('has lenses that call the commands with plain arguments', async () => {
    const uri = open();
    const all = await lenses(uri);
    expect(titles(all, 2)).toEqual(['Select', '$(play) Run loop', 'Snapshot', 'Skip']);
    expect(all.filter(({ range }) => range.start.line === 22).map(({ command }) => [command.command, command.arguments])).toEqual(
      ['select', 'loop', 'snapshot', 'skip'].map((name) => [`weld.step.${name}`, [{ runId: RUN, step: 2, folder: workspace.top }]]));
  });

  it('shows iterations and verdicts, and follows the disk', async () => {
    const uri = open();
    expect(titles(await lenses(uri), 2)).not.toContain('iterations');
    workspace.record('steps/01-first-thing/step.json', { n: 1, title: 'First thing', slug: 'first-thing', body_md: '' });
    workspace.iteration('01-first-thing', 1, false, [{ severity: 'blocker', file: 'src/known.ts', hint: 'It fails on Tuesdays', maps_to: 1 }]);
    expect(await eventually(uri, 2, /iterations 1\/5, failed review/u)).toContain('Select');
    expect(titles(await lenses(uri), 15)).toEqual(['$(error) blocker: It fails on Tuesdays, iteration 1']);
    expect(titles(await lenses(uri), 16)).toEqual(['$(pass) met, iteration 1']);
    await client.until(() => client.received.some(({ method }) => method === 'workspace/codeLens/refresh'), 'a refresh');
    workspace.iteration('01-first-thing', 2, true, []);
    await eventually(uri, 2, /iterations 2\/5, passed/u);
    await eventually(uri, 15, /met, iteration 2/u);
  });

  it('gives way while another holds the lock, and comes back', async () => {
    const uri = open();
    workspace.lock({ pid: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual(['$(lock) locked by step loop 2, process 1']);
    const all = await lenses(uri);
    expect(all.every(({ command }) => command.command === '')).toBe(true);
    workspace.lock(null);
    expect(await eventually(uri, 2, /Select/u)).toContain('Skip');
  });

  it('shows plain words alone while another holds the lock, also how far the step has come', async () => {
    workspace.record('steps/01-first-thing/step.json', { n: 1, title: 'First thing', slug: 'first-thing', body_md: '' });
    workspace.iteration('01-first-thing', 1, false, []);
    const uri = open();
    expect((await lenses(uri)).map(({ command }) => command.command)).toContain('weld.step.openReview');
    workspace.lock({ pid: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual(['$(lock) locked by step loop 2, process 1', 'iterations 1/5, failed review']);
    expect((await lenses(uri)).filter(({ command }) => command.command !== '')).toEqual([]);
  });

  it('says which phase the editor\'s own loop is in, and offers to stop it', async () => {
    workspace.record('steps/02-second-thing/step.json', { n: 2, title: 'Second thing', slug: 'second-thing', body_md: '' });
    workspace.record('steps/02-second-thing/iter/01/progress.json', { iteration: 1, done: ['implement', 'diff'], tree: null, epoch: 1, updated_at: '2026-01-05T12:00:00.000Z' });
    const uri = open();
    expect(await eventually(uri, 22, /Resume/u)).toContain('iterations 1/5, stopped before checks');
    workspace.lock({ pid: process.pid });
    expect(await eventually(uri, 22, /running/u)).toEqual(['$(sync~spin) running', 'Stop', 'iterations 1/5, checks']);
    expect(titles(await lenses(uri), 2)).toEqual(['$(lock) step loop 2 is running']);
    expect((await lenses(uri)).find(({ command }) => command.title === 'Stop')?.command).toMatchObject({ command: 'weld.step.stop', arguments: [{ runId: RUN, step: 2, folder: workspace.top }] });
  });

  it('takes a process of another machine for another, whatever its number', async () => {
    const uri = open();
    workspace.lock({ pid: process.pid, host: 'elsewhere', boot_id: 'another', token: 'x', epoch: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual([`$(lock) locked by step loop 2, process ${process.pid} on elsewhere`]);
  });

  it('has no lenses where the setting says so, as soon as it says so', async () => {
    const uri = open();
    expect(await lenses(uri)).not.toEqual([]);
    client.settings = { lenses: false };
    client.tell('workspace/didChangeConfiguration', { settings: null });
    await client.until(() => client.received.some(({ method }) => method === 'workspace/codeLens/refresh'), 'a refresh');
    expect(await lenses(uri)).toEqual([]);
  });

  it('has lenses on the plan in force only', async () => {
    const uri = open();
    expect(await lenses(uri)).not.toEqual([]);
    fs.writeFileSync(workspace.run('plan/plan.final.md'), PLAN);
    await client.until(() => client.received.some(({ method }) => method === 'workspace/codeLens/refresh'), 'a refresh');
    const final = client.open(workspace.run('plan/plan.final.md'), PLAN);
    await eventually(final, 2, /Select/u);
    expect(await lenses(uri)).toEqual([]);
  });

  it('tells state and timing on hover, and leads from a criterion to its issues', async () => {
    workspace.record('steps/01-first-thing/step.json', { n: 1, title: 'First thing', slug: 'first-thing', body_md: '' });
    workspace.iteration('01-first-thing', 1, false, [{ severity: 'minor', file: 'a', hint: 'Other', maps_to: 2 }, { severity: 'blocker', file: 'src/known.ts', line: 3, hint: 'It fails', maps_to: 'It works on Tuesdays' }]);
    const uri = open();
    const hover = async (line: number): Promise<string> => (await client.request<{ contents: { value: string } } | null>('textDocument/hover', { textDocument: { uri }, position: { line, character: 8 } }))?.contents.value ?? '';
    expect(await hover(2)).toMatch(/failed review[^]*the reviewer says fail[^]*1 min/u);
    expect(await hover(15)).toMatch(/blocker\*\*: It fails \(src\/known\\?\.ts:3\)/u);
    const links = await client.request<{ targetUri: string; targetSelectionRange: Span }[]>('textDocument/definition', { textDocument: { uri }, position: { line: 15, character: 8 } });
    expect(links).toHaveLength(1);
    const target = fs.readFileSync(fileURLToPath(links[0]?.targetUri ?? ''), 'utf8').split('\n');
    expect(target[links[0]?.targetSelectionRange.start.line ?? 0]).toContain('"It fails"');
  });

  it('writes nothing and makes no folder', async () => {
    const uri = open();
    await lenses(uri);
    const all = fs.readdirSync(workspace.top, { recursive: true }).map(String).sort();
    expect(all.filter((name) => name.startsWith('.weld') && !name.includes('runs'))).toEqual(['.weld']);
    expect(all.filter((name) => name.includes(RUN))).toEqual([`.weld/runs/${RUN}`, `.weld/runs/${RUN}/plan`, `.weld/runs/${RUN}/plan/plan.raw.md`]);
  });
});

describe('reading and writing along', () => {
  const linksOf = async (one: LspClient, uri: string): Promise<string[]> =>
    (await one.request<{ target: string }[]>('textDocument/documentLink', { textDocument: { uri } })).map(({ target }) => target);

  it('links references of a specification that stands outside of `.weld`, and of no other Markdown', async () => {
    const spec = workspace.write('docs/spec [1].md', 'As in src/known.ts:7.\n');
    const linked = `${pathToFileURL(workspace.path('src/known.ts')).href}#L7`;
    workspace.record('inputs/spec.ref.json', { absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null });
    const dynamic = new LspClient(server);
    await dynamic.start(workspace.top, {}, { capabilities: { textDocument: { synchronization: { dynamicRegistration: true }, documentLink: { dynamicRegistration: true } } } });
    const registered = await dynamic.until(() => {
      const all = dynamic.received.flatMap(({ method, params }) => (method === 'client/registerCapability' ? (params as { registrations: { method: string; registerOptions: { documentSelector?: unknown } }[] }).registrations : []));
      return all.length >= 4 && all;
    }, 'the registrations');
    expect(registered.map(({ method }) => method).sort()).toEqual(['textDocument/didChange', 'textDocument/didClose', 'textDocument/didOpen', 'textDocument/documentLink']);
    for (const { registerOptions } of registered) expect(registerOptions.documentSelector).toEqual([{ scheme: 'file', pattern: spec.replace('[1]', '[[]1[]]') }]);
    expect(await linksOf(dynamic, dynamic.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
    await dynamic.stop();

    // A client that registers nothing hands on every Markdown file.
    expect(await linksOf(client, client.open(spec, 'As in src/known.ts:7.\n'))).toEqual([linked]);
    expect(await linksOf(client, client.open(workspace.path('README.md'), 'As in src/known.ts:7.\n'))).toEqual([]);
  });

  it('knows the specification of a run that begins later', async () => {
    const spec = workspace.write('spec.md', '');
    const uri = client.open(spec, 'src/known.ts:1\n');
    expect(await linksOf(client, uri)).toEqual([]);
    workspace.record('inputs/spec.ref.json', { absolute_path: spec, sha256: 'x', size_bytes: 1, git_blob_id: null });
    client.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(workspace.run('inputs/spec.ref.json')).href, type: 1 }] });
    expect(await linksOf(client, uri)).toHaveLength(1);
    expect(client.last(uri)).toBeUndefined();
  });

  it('links path:line references of plans and research to files that are there', async () => {
    const uri = client.open(workspace.run('research/research.md'), 'See src/known.ts:12 and `src/known.ts`, not src/lost.ts:3, known.ts, ../../etc/passwd:1.\n');
    const links = await client.request<{ range: Span; target: string }[]>('textDocument/documentLink', { textDocument: { uri } });
    expect(links.map(({ range, target }) => [range.start.character, range.end.character, target])).toEqual([[4, 19, `${pathToFileURL(workspace.path('src/known.ts')).href}#L12`], [25, 37, pathToFileURL(workspace.path('src/known.ts')).href]]);
  });

  it('completes steps, sections, paths and checks', async () => {
    workspace.write('.weld/config.toml', '[checks]\nunit = "npm run unit"\n');
    const text = '## Step 1: A\n\n### Changes\n\n- `src/`\n\n### Tests\n\n- \n\n#\n';
    const uri = client.open(workspace.path('c.plan.md'), text);
    const labels = async (line: number, character: number): Promise<string[]> => (await client.request<{ label: string }[]>('textDocument/completion', { textDocument: { uri }, position: { line, character } })).map(({ label }) => label);
    expect(await labels(10, 1)).toEqual(['### Goal', '### Acceptance criteria', '## Step 2: …']);
    expect(await labels(4, 7)).toEqual(['known.ts']);
    expect(await labels(8, 2)).toEqual(['unit']);
  });

  it('folds steps and sections', async () => {
    const uri = client.open(workspace.path('f.plan.md'), PLAN);
    const folds = await client.request<{ startLine: number; endLine: number }[]>('textDocument/foldingRange', { textDocument: { uri } });
    expect(folds[0]).toMatchObject({ startLine: 2, endLine: 20 });
    expect(folds).toHaveLength(10);
  });
});
