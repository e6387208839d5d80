import { pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import { parsePlan } from '../../../src/core/plan';
import { everyTime, inDepth } from '../../support/deep';
import { corpus } from '../core/plan/corpus';
import { codesOf, type Span } from './support/client';
import { actionsFor, apply } from './support/fixes';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer({ shared: true });

async function fix(text: string, code: string, title: RegExp): Promise<string> {
  const uri = use.client.open(use.workspace.path('fix.plan.md'), text);
  const diagnostics = await use.client.diagnostics(uri, 1, (all) => codesOf(all).includes(code));
  const wanted = diagnostics.filter((one) => one.code === code).slice(0, 1);
  const actions = await actionsFor(use.client, uri, wanted);
  const action = actions.find((one) => title.test(one.title));
  if (action === undefined)
    throw new Error(`no fix ${String(title)} in: ${actions.map((one) => one.title).join(', ')}`);
  return apply(text, action);
}

describe('the one parser', () => {
  async function same(plans: Iterable<readonly [string, string]>): Promise<void> {
    for (const [name, text] of plans) {
      const uri = use.client.open(use.workspace.path(`${name}.plan.md`), text);
      const plan = parsePlan(text);
      const symbols = await use.client.request<
        {
          name: string;
          range: Span;
          selectionRange: Span;
          children: { name: string; range: Span; children: { name: string; range: Span }[] }[];
        }[]
      >('textDocument/documentSymbol', { textDocument: { uri } });
      expect(
        symbols.map((symbol) => [symbol.name, symbol.range, symbol.selectionRange]),
        name,
      ).toEqual(plan.steps.map((step) => [`Step ${step.n}: ${step.title}`, step.range, step.heading]));
      expect(
        symbols.map(({ children }) =>
          children.map((section) => [section.name.toLowerCase(), section.range, section.children.length]),
        ),
        name,
      ).toEqual(
        plan.steps.map(({ sections }) =>
          sections.map((section) => [section.name, section.range, section.items.length]),
        ),
      );
      const published = await use.client.diagnostics(uri, 1);
      const own = published.filter(({ code }) => !['missing-path', 'missing-program'].includes(code));
      expect(
        own.map(({ code, range }) => [code, range]),
        name,
      ).toEqual(plan.warnings.map(({ code, range }) => [code, range]));
      use.client.close(uri);
    }
  }

  everyTime('gives the same steps in the server as in the core, for each eighth plan of the corpus', () =>
    same([...corpus()].filter((_each, at) => at % 8 === 0)),
  );
  inDepth(
    'gives the same steps in the server as in the core, for every plan of the corpus',
    () => same(corpus()),
    120_000,
  );
});

describe('quick fixes', () => {
  everyTime('number again', async () => {
    const fixed = await fix(
      PLAN.replace('## Step 2', '## Step 7').replace('## Step 1', '## Step 3'),
      'missing-number',
      /Number the steps again/u,
    );
    expect(fixed).toBe(PLAN);
  });

  everyTime('number again once, for all that is out of order', async () => {
    const uri = use.client.open(
      use.workspace.path('fix.plan.md'),
      PLAN.replace('## Step 2', '## Step 1') + PLAN.replace('## Step 2', '## Step 1'),
    );
    const wrong = (await use.client.diagnostics(uri, 1)).filter(({ code }) => code === 'duplicate-number');
    expect(wrong).toHaveLength(3);
    const actions = (await actionsFor(use.client, uri, wrong)).filter(
      ({ title }) => title === 'Number the steps again',
    );
    expect(actions.map(({ diagnostics }) => diagnostics?.length)).toEqual([3]);
  });

  everyTime.each([
    ['goal', /\n### Goal\n\nDo it\.\n/u],
    ['changes', /\n### Changes\n\n- `src[^]*?(?=\n### Acc)/u],
    ['acceptance-criteria', /\n### Acceptance criteria\n\n- \[ \] It works[^]*?(?=\n### Tests)/u],
    ['tests', /\n### Tests\n\n- `node --test`\n/u],
  ])('add the missing section: %s', async (code, section) => {
    const fixed = await fix(PLAN.replace(section, ''), `missing-${code}`, /^Add (?!all)/u);
    expect(codesOf(parsePlan(fixed).warnings as never)).toEqual([]);
    expect(parsePlan(fixed).steps[0]?.sections.map(({ name }) => name)).toEqual([
      'goal',
      'changes',
      'acceptance criteria',
      'tests',
    ]);
  });

  everyTime('add all missing sections', async () => {
    const fixed = await fix('## Step 1: A\n', 'missing-goal', /Add all/u);
    expect(parsePlan(fixed)).toMatchObject({ warnings: [], steps: [{ n: 1, title: 'A' }] });
  });

  everyTime.each([
    '# Step 2: Second thing',
    '## Step two: Second thing',
    '### Step 2 - Second thing',
    '**Step 2: Second thing**',
    'Step 2: Second thing\n---',
    '   ## step 2: Second thing',
  ])('make it strict: %j', async (heading) => {
    const fixed = await fix(
      PLAN.replace('## Step 2: Second thing', heading),
      /^(?:\*\*| )/u.test(heading) ? 'almost-a-step' : 'lenient-step',
      /^Write/u,
    );
    expect(fixed).toBe(PLAN);
  });

  everyTime('write the steps of phases as they are counted', async () => {
    const fixed = await fix(
      '## Phase 1: X\n\n### Step 1: A [COMPLETE]\n\n## Phase 2: Y\n\n### Step 1: B\n',
      'renumbered',
      /^Write the numbers/u,
    );
    expect(fixed).toBe('## Phase 1: X\n\n## Step 1: A [COMPLETE]\n\n## Phase 2: Y\n\n## Step 2: B\n');
    expect(parsePlan(fixed).steps.map(({ n, phase, title, mark }) => [n, phase, title, mark])).toEqual([
      [1, 'Phase 1: X', 'A', 'COMPLETE'],
      [2, 'Phase 2: Y', 'B', undefined],
    ]);
  });

  everyTime('turn a numbered list into steps', async () => {
    const fixed = await fix('Plan:\n\n1. **One** – first\n2. Two\n   more\n', 'lenient-format', /every item/u);
    expect(parsePlan(fixed).steps.map(({ title, body }) => [title, body])).toEqual([
      ['One', '**One** – first'],
      ['Two', 'more'],
    ]);
  });

  everyTime('take steps out of a fence', async () => {
    const fixed = await fix('Here:\n\n```markdown\n## Step 1: A\n```\n', 'step-in-fence', /out of the code fence/u);
    expect(fixed).toBe('Here:\n\n## Step 1: A\n');
  });

  everyTime('remove an empty and a repeated criterion', async () => {
    expect(await fix(PLAN.replace('It is fast', ''), 'empty-criterion', /Remove/u)).toBe(
      PLAN.replace('- [ ] It is fast\n', ''),
    );
  });

  everyTime('make the missing file, or say that it is new', async () => {
    const text = PLAN.replace('`src/known.ts`', '`src/deep/lost.ts`');
    expect(parsePlan(await fix(text, 'missing-path', /is new/u)).steps[0]?.sections[1]?.items[0]?.text).toBe(
      '`src/deep/lost.ts` (new): change it',
    );
    const uri = pathToFileURL(use.workspace.path('fix.plan.md')).href;
    const diagnostics = use.client.last(uri)?.diagnostics ?? [];
    const actions = await actionsFor(use.client, uri, diagnostics);
    expect(actions.find(({ title }) => title === 'Create src/deep/lost.ts')?.edit.documentChanges).toEqual([
      {
        kind: 'create',
        uri: pathToFileURL(use.workspace.path('src/deep/lost.ts')).href,
        options: { ignoreIfExists: true },
      },
    ]);
  });
});
