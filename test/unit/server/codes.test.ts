import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DiagnosticCode, SEVERITY } from '../../../src/server/codes';
import { inDepth } from '../../support/deep';
import { root } from '../../support/paths';
import { corpus } from '../core/plan/corpus';
import { type Diagnostic, LspClient } from './support/client';
import { useServer } from './support/useServer';
import { Workspace } from './support/workspace';

const use = useServer({ shared: true });

const GOOD =
  '### Goal\n\nIt.\n\n### Changes\n\n- `src/known.ts`: it\n\n### Acceptance criteria\n\n- [ ] it\n\n### ' +
  'Tests\n\n- `node --test`\n';
const without = (section: string): string => GOOD.replace(new RegExp(`### ${section}\\n\\n.*\\n\\n?`, 'u'), '');
const fence = '```';

/** A text for each code, with its range between ‹ and ›. */
const EXAMPLES: Readonly<Record<Exclude<DiagnosticCode, 'config-unreadable' | 'too-large'>, readonly string[]>> = {
  'no-steps': ['‹›', '‹# A plan›\n\nwithout any step\n'],
  'duplicate-number': [`## Step 1: A\n\n${GOOD}\n‹## Step 1: B›\n\n${GOOD}`],
  'missing-number': [`## Step 1: A\n\n${GOOD}\n‹## Step 4: B›\n\n${GOOD}`, `‹## Step 2: A›\n\n${GOOD}`],
  'out-of-order': [`## Step 1: A\n\n${GOOD}\n## Step 3: B\n\n${GOOD}\n‹## Step 2: C›\n\n${GOOD}`],
  'zero-number': [`‹## Step 0: A›\n\n${GOOD}`],
  'missing-title': [`‹## Step 1:›\n\n${GOOD}`],
  'missing-goal': [`‹## Step 1: A›\n\n${without('Goal')}`],
  'missing-changes': [`‹## Step 1: A›\n\n${without('Changes')}`],
  'missing-acceptance-criteria': [
    `‹## Step 1: A›\n\n${without('Acceptance criteria')}`,
    `‹## Step 1: A›\n\n${GOOD.replace('- [ ] it\n', '')}`,
  ],
  'missing-tests': [`‹## Step 1: A›\n\n${without('Tests')}`],
  'empty-criterion': [`## Step 1: A\n\n${GOOD.replace('- [ ] it\n', '- [ ] it\n- ‹[ ]›\n')}`],
  'duplicate-criterion': [`## Step 1: A\n\n${GOOD.replace('- [ ] it\n', '- [ ] it\n- [ ] ‹it›\n')}`],
  'lenient-step': [
    ...[
      '# Step 2',
      '## Step two: B',
      '### Step 2: B',
      '## Step 2 Add tests',
      '## Step 2 (optional): X',
      '## Step 2a: X',
      '## ✅ Step 2: B',
      '## Step twenty-one: X',
      '## Task 2: B',
      '##\u00a0Step\u202f2: B',
      '\u200b## Step 2: B',
      '## Step ２：B',
      '## [Step 2] B',
      '## Schritt 2: B',
      '## [x] Step 2: B',
    ].map(
      (heading) =>
        `## Step 1: A\n\n${GOOD}\n${heading.startsWith('\u200b') ? `\u200b‹${heading.slice(1)}` : `‹${heading}`}›\n`,
    ),
    `## Step 1: 名前\r\n\r\n${GOOD.replaceAll('\n', '\r\n')}\r\n‹## Step 2 – 日本語 👩‍🚀›\r\n`,
    `## 1. Add it\n\n${GOOD}\n‹## 2. Use it›\n`,
    `‹**Step 1: B**›\nGoal: more\n`,
    `‹Step 1: B›\n---\n`,
    `‹# Plan›\n\n${GOOD.replaceAll('### ', '## ')}`,
  ],
  renumbered: [
    `## Phase 1: X\n\n### Step 1: A\n\n${GOOD}\n## Phase 2: Y\n\n‹### Step 1: B›\n`,
    `# Phase 1\n\n## Step 1: A\n\n# Phase 2\n\n‹## Step 1: B›\n`,
    `## Phase 1\n\n### Step 1.1: A\n\n### Step 1.2: B\n\n## Phase 2\n\n‹### Step 2.1: C›\n`,
  ],
  'marked-done': ['[COMPLETE]', '(done)', '✅', '— DONE'].map((mark) => `‹## Step 1: A ${mark}›\n\n${GOOD}`),
  'almost-a-step': [
    ...['##Step 2: B', '## Step 1 of 3: X', '### Step 1: B', '## Phase 2: B', '## 2. Add tests', 'Step 2: B'].map(
      (heading) => `## Step 1: A\n\n${GOOD}\n‹${heading}›\n`,
    ),
    `## Step 1: A\n\n${GOOD}\n‹**Step 2: B**›\nGoal: more\n`,
    `## Step 1: A\n\n${GOOD}\n<details>\n‹## Step 2: B›\n`,
    `## Step 1: A\n\n${GOOD}\n    ‹## Step 2: B›\n`,
    `## Step 1: A\n\n${GOOD}\n‹## Use it›\n\n${GOOD}`,
    `## First\n\n‹1. a›\n2. b\n\n## Then\n\n1. c\n2. d\n3. e\n`,
  ],
  'step-in-fence': [
    `## Step 1: A\n\n${GOOD}\n${fence}markdown\n‹## Step 2: B›\n${fence}\n`,
    `## Step 1: A\n\n${GOOD}\n${fence}text\nThen:\n‹## Step 2: B›\n${fence}\n`,
    `## Step 1: A\n\n${GOOD}\n- then\n\n  ${fence}\n  ‹## Step 2: B›\n  ${fence}\n`,
    `## Step 1: A\n\n${GOOD}\n> ${fence}md\n‹> ## Step 2: B›\n> ${fence}\n`,
  ],
  'lenient-format': ['Plan:\n\n1. ‹One›\n2. Two\n'],
  'missing-path': [
    ...[
      'edit `src/known.ts` and ‹src/lost.ts›',
      '**‹src/lost.ts›**: it',
      '[‹src/lost.ts›](src/lost.ts): it',
      '`‹app/[id]/page.tsx›`',
      '`‹src/日本.ts›`',
      '`‹Makefile›`',
      'the code\n  in ‹src/lost.ts› changes',
      '`‹src/lost.ts›`: add a helper that creates new things',
      'Create `src/new.ts` from `‹src/lost.ts›`',
      '`‹src/lost.ts›`: call it (new helper)',
      '`‹src/lost.ts›`: uses `src/new.ts` (new file)',
      '`‹src/lost.ts›`: rename it – new name',
    ].map((item) => `## Step 1: A\n\n${GOOD.replace('`src/known.ts`: it', item)}`),
    `## Step 1: A\n\n${GOOD.replace('src/known.ts', '‹src/lost.ts›')}`,
    `## Step 1: A\n\n${GOOD.replace('`src/known.ts`', 'Change ‹src/lost.ts›')}`,
  ],
  'missing-program': [
    ...[
      'Run `‹nosuch› test`',
      'Unit: `‹nosuch› y`',
      '**Unit**: `‹nosuch› y`',
      '`$ ‹nosuch› y`',
      '`cd x && ‹nosuch› y`',
      '`A=1 B="x; y" ‹nosuch› y`',
      `${fence}console\n$ ‹nosuch› x\nAll tests pass here\n${fence}`,
      `${fence}\n‹nosuch› test\n${fence}`,
    ].map((item) => `## Step 1: A\n\n${GOOD.replace('- `node --test`', item.startsWith(fence) ? item : `- ${item}`)}`),
    `## Step 1: A\n\n${GOOD.replace('node --test', 'CI=1 ‹no-such-program› --test')}`,
    `## Step 1: A\n\n${GOOD.replace('- `node --test`', `${fence}sh\n‹no-such-program› x\n${fence}`)}`,
  ],
  'config-syntax': ['[loop]\nmax_iterations =‹ ›\n'],
  'config-value': [
    '[loop]\nmax_iterations = ‹"3"›\n',
    '[loop]\nmax_iterations = ‹0›\n',
    '[checks]\n"a.b" = ‹3›\n',
    '[task_models.research]\nprovider = ‹"clod"›\n',
  ],
  'config-unknown-key': [
    '[loop]\n‹max_iteratons› = 3\n',
    '[‹lop›]\n',
    '[task_models]\n‹implementaton›.provider = "manual"\n',
    '[‹lop›.inner]\n',
    '[checks]\nunit = "node x"\n‹order› = ["unti"]\n',
  ],
  'config-missing-program': [
    '[checks]\nunit = ‹"no-such-program x"›\n',
    '[claude]\nexec = ‹"no-such-program"›\n',
    '[codex]\nexec = "no-such-program"\n[task_models]\nresearch = { provider = "codex", exec = ‹"no-such-agent"› }\n',
  ],
};

/** Removes the marks. @returns the text, and the range between the marks */
function marked(example: string): { readonly text: string; readonly range: Diagnostic['range'] } {
  const [before = '', inside = '', after = ''] = example.split(/[‹›]/u);
  const place = (text: string): { line: number; character: number } => {
    const lines = text.split('\n');
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  };
  return { text: before + inside + after, range: { start: place(before), end: place(before + inside) } };
}

/** The heading that a diagnostic's link leads to. */
function explained({ codeDescription }: Diagnostic): string | undefined {
  const [file = '', line = ''] = (codeDescription?.href ?? '').split('#L');
  return fs.readFileSync(fileURLToPath(file), 'utf8').split('\n')[Number(line) - 1];
}

/** Its own server: answers cached by a shared one would arrive earlier than the rest. */
async function fresh(): Promise<{ readonly client: LspClient; readonly workspace: Workspace }> {
  const [client, workspace] = [new LspClient(use.server), new Workspace()];
  onTestFinished(async () => {
    await client.stop();
    workspace.dispose();
  });
  await client.start(workspace.top);
  return { client, workspace };
}

let version = 1;
/**
 * The diagnostics of a step with these sections, after the disk has answered: a later step has a path that is certainly
 * missing.
 */
async function settled(sections: string): Promise<string[]> {
  const file = use.workspace.path(`${version++}.plan.md`);
  const uri = use.client.open(
    file,
    `## Step 1: A\n\n${sections}\n## Step 2: B\n\n${GOOD.replace('src/known.ts', 'src/lost.ts')}`,
  );
  const all = await use.client.diagnostics(uri, 1, (diagnostics) =>
    diagnostics.some(({ message }) => message.startsWith('src/lost.ts')),
  );
  return all
    .filter(({ message }) => !message.startsWith('src/lost.ts'))
    .map(({ code, message }) => `${code}: ${message}`);
}

describe('every code', () => {
  it.each(Object.entries(EXAMPLES).flatMap(([code, examples]) => examples.map((example) => [code, example] as const)))(
    '%s stands where it belongs: %j',
    async (code, example) => {
      const { text, range } = marked(example);
      const settings = code.startsWith('config-');
      const { client, workspace } = settings ? await fresh() : use;
      const uri = client.open(workspace.path(settings ? '.weld/config.toml' : `${version++}.plan.md`), text);
      const all = await client.diagnostics(uri, 1, (diagnostics) => diagnostics.some((one) => one.code === code));
      const found = all.filter((one) => one.code === code);
      expect(found.at(-1)?.range).toEqual(range);
      for (const one of found) {
        expect(one.severity).toBe(SEVERITY[code as DiagnosticCode]);
        expect(one.message).toMatch(/^\S.*[.?:\w")]$/u);
        expect(one.source).toBe('Weld');
        expect(explained(one)).toBe(`## ${code}`);
      }
    },
  );

  it.each([
    '`src/new.ts` (new): it',
    'Create `src/a.ts`, `src/b.ts` and src/c.ts',
    'a new module `src/new.ts`',
    '`src/new.ts` is created',
    'New files:\n  - `src/new.ts`',
    'Move `src/known.ts` to `src/new.ts`',
    '`src/deep/` (new)\n- `src/deep/a.ts`',
    '`src/new.ts`: export c (new file)',
    '`src/new.ts`: export c [to be created]',
    '`src/new.ts` exports c — new',
    '`src/new.ts`: c *(new)*',
    '`src/new.ts` 🆕',
    '`src/new.ts`: c,\n  for d (new module)',
    '`src/new.ts`\n  - new file that exports c',
    'x\n\n#### New files\n\n- `src/new.ts`: c',
    'x\n\n**Files to create**\n\n- `src/new.ts`: c',
    '[NEW] `src/new.ts`',
    '`src/new.ts`: does c (does not exist yet)',
    'src/new.ts: export c (new)',
    '`src/known.ts`: use Node.js/Express.js, `a.b()`, `user.name`, `@scope/name`, https://example.com/a/b.html, ' +
      '`src/*.ts` and and/or',
  ])('takes no path for missing in: %s', async (item) => {
    expect(await settled(GOOD.replace('`src/known.ts`: it', item))).toEqual([]);
  });

  it.each([
    'see `nosuch y`',
    '`nosuch`',
    '`GET /users` works',
    `${fence}\nAll tests pass here\n${fence}`,
    `${fence}text\nnosuch test\n${fence}`,
    `${fence}sh\nnode \\\n  --flag x\nX=1\n${fence}`,
    `${fence}console\n$ node x\nok nosuch\n${fence}`,
    '`echo "nosuch && nosuch"`',
  ])('takes no program for missing in: %s', async (item) => {
    expect(await settled(GOOD.replace('- `node --test`', item.startsWith(fence) ? item : `- ${item}`))).toEqual([]);
  });

  it.each(['- a diff:\n', ''])('takes no section for missing that says something without items: %j', async (item) => {
    expect(await settled(GOOD.replace('- `src/known.ts`: it\n', `${item}${fence}diff\n+ x\n${fence}\n`))).toEqual([]);
    expect(
      await settled(
        GOOD.replace('Acceptance criteria', 'Success criteria')
          .replace('### Tests', '### Testing strategy')
          .replace('- `src/known.ts`: it\n', '<table></table>\n'),
      ),
    ).toEqual([]);
  });

  inDepth(
    'names under each range of the corpus what its message names',
    async () => {
      let seen = 0;
      for (const [name, text] of corpus()) {
        const uri = use.client.open(use.workspace.path(`${name}.plan.md`), text);
        await use.client.diagnostics(uri, 1);
        // The disk has answered; the next version uses that answer.
        await use.client.request('textDocument/documentLink', { textDocument: { uri } });
        for (const {
          code,
          message,
          range: { start, end },
        } of use.client.last(uri)?.diagnostics ?? []) {
          if (code !== 'missing-path' && code !== 'missing-program') continue;
          seen++;
          const line = text.replace(/^\ufeff/u, '').split(/\r\n|\r|\n/u)[start.line] ?? '';
          expect([start.line, message.split(' is not ')[0]], name).toEqual([
            end.line,
            line.slice(start.character, end.character),
          ]);
        }
        use.client.close(uri);
      }
      expect(seen).toBeGreaterThan(80);
    },
    120_000,
  );

  it('has one section of the documentation, with words below, and no other section is there', () => {
    const sections = fs.readFileSync(path.join(root, 'media/docs/diagnostics.md'), 'utf8').split(/^## /mu).slice(1);
    expect(sections.map((section) => section.split('\n', 1)[0]).toSorted()).toEqual(Object.keys(SEVERITY).toSorted());
    for (const section of sections) expect(section.split('\n').slice(1).join('').length, section).toBeGreaterThan(20);
  });

  it('says when a document is too large to be checked', async () => {
    const plan = use.client.open(use.workspace.path('big.plan.md'), '\n'.repeat(200_000));
    const config = use.client.open(use.workspace.path('.weld/config.toml'), `# ${'x'.repeat(2_000_000)}\n`);
    const [[tooLarge], [unreadable]] = [await use.client.diagnostics(plan, 1), await use.client.diagnostics(config, 1)];
    if (tooLarge === undefined || unreadable === undefined) throw new Error('nothing was said');
    expect([tooLarge.code, explained(tooLarge)]).toEqual(['too-large', '## too-large']);
    expect([unreadable.code, explained(unreadable)]).toEqual(['config-unreadable', '## config-unreadable']);
    expect(unreadable.message).toBe('The settings are 2,000,003 characters long; at most 100,000 are read.');
  });

  it('of one document at most a thousand are sent, the worst among them', async () => {
    const uri = use.client.open(use.workspace.path('a.plan.md'), `${'# Step 1\n'.repeat(1_500)}## Step 0: A\n`);
    const diagnostics = await use.client.diagnostics(uri, 1);
    expect(diagnostics).toHaveLength(1_000);
    expect(diagnostics.at(-1)).toMatchObject({ range: { start: { line: 1_500 } } });
    expect(diagnostics.map(({ code }) => code)).toContain('zero-number');
    expect(diagnostics).toEqual(diagnostics.toSorted((a, b) => a.range.start.line - b.range.start.line));
  });
});
