import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/core/config';
import { parsePlan } from '../../../src/core/plan';
import { deep, size } from '../../support/deep';
import { longPlan } from '../core/plan/corpus';
import { FRAGMENTS } from '../core/plan/full';
import { LspClient } from './support/client';
import { useServer } from './support/useServer';
import { PLAN } from './support/workspace';

const use = useServer();

/** The server still answers, at once for a small document. */
async function alive(): Promise<void> {
  const uri = use.client.open(use.workspace.path('alive.plan.md'), PLAN);
  expect(await use.client.diagnostics(uri, 1)).toEqual([]);
}

/** Sends all requests of an editor. @throws if one answer takes so long that it counts as a hang */
async function all(uri: string): Promise<void> {
  const ask = async (method: string, params: object = {}): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${method} hangs`));
      }, 60_000);
    });
    await Promise.race([
      use.client.request(`textDocument/${method}`, { textDocument: { uri }, ...params }),
      late,
    ]).finally(() => {
      clearTimeout(timer);
    });
  };
  for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens']) await ask(method);
  await ask('hover', { position: { line: 0, character: 0 } });
  for (const character of [1, 9_000_000]) await ask('completion', { position: { line: 0, character } });
  const { diagnostics = [] } = use.client.last(uri) ?? {};
  await ask('codeAction', {
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
    context: { diagnostics: diagnostics.slice(0, 20) },
  });
}

function placeOf(text: string, offset: number): { line: number; character: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r(?!\n)|\n/u);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** No editor has a position within a line ending. */
const whole = (text: string, offset: number): number =>
  offset < text.length && text.slice(offset - 1, offset + 1) === '\r\n' ? offset + 1 : Math.min(offset, text.length);

describe('bad input', () => {
  it.each([
    [`${size(50)} MB of lines`, () => 'a line of text that means nothing at all\n'.repeat(size(1_250_000))],
    [`${size(50)} MB in one line`, () => 'x'.repeat(size(50_000_000))],
    [`a line of ${size(10)} MB`, () => `${longPlan(2)}${'x '.repeat(size(5_000_000))}\n`],
    [
      '1,000 levels of nesting',
      () =>
        `${'> '.repeat(1_000)}x\n\n${'- '.repeat(1_000)}x\n\n` +
        `${Array.from({ length: 1_000 }, (_, at) => `${'  '.repeat(at)}- x`).join('\n')}\n`,
    ],
    [`${size(10)} MB of names in one line`, () => '`a.b` '.repeat(size(1_700_000))],
    ['names that could be one', () => `${'a+'.repeat(4_999)}\n`.repeat(size(1_000))],
    ['1,000 inline tables in each other', () => `[loop]\nx = ${'{a='.repeat(1_000)}1${'}'.repeat(1_000)}\n`],
    [`${deep ? 50_000 : 2_000} steps without a section`, () => '## Step 1: x\n'.repeat(deep ? 50_000 : 2_000)],
    ['lone surrogates', () => `\ud800\n## Step 1: \udc00\n\n### Goal\n\n\ud83d\n`],
  ])(
    '%s: no hang, no crash',
    async (_name, make) => {
      for (const file of ['big.plan.md', '.weld/config.toml']) {
        const text = make();
        const uri = use.client.open(use.workspace.path(file), text);
        await use.client.until(() => use.client.last(uri)?.version === 1, 'an answer', 60_000);
        use.client.change(uri, 2, [
          { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'y' },
        ]);
        await use.client.until(() => use.client.last(uri)?.version === 2, 'an answer to an edit', 60_000);
        await all(uri);
        use.client.close(uri);
        await use.client.until(() => use.client.last(uri)?.diagnostics.length === 0, 'empty diagnostics');
      }
      await alive();
    },
    180_000,
  );

  it('edits that arrive while a parse runs end with the diagnostics of the last', async () => {
    const uri = use.client.open(use.workspace.path('a.plan.md'), longPlan(500));
    for (let version = 2; version <= 300; version++)
      use.client.change(uri, version, [
        {
          range: { start: { line: version * 20, character: 0 }, end: { line: version * 20, character: 0 } },
          text: version % 2 === 0 ? '# Step 1\n' : 'x',
        },
      ]);
    use.client.change(uri, 301, [{ text: 'nothing\n' }]);
    expect((await use.client.diagnostics(uri, 301)).map(({ code }) => code)).toEqual(['no-steps']);
    const versions = use.client.published.filter((one) => one.uri === uri).map(({ version }) => version ?? 0);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  }, 60_000);

  it('any edits give what the core gives for the text that comes of them', async () => {
    const edit = fc.record({
      line: fc.nat(40),
      remove: fc.nat(3),
      put: fc.array(fc.constantFrom(...FRAGMENTS.filter((text) => !/[\ud800-\udfff]/u.test(text))), { maxLength: 3 }),
    });
    let version = 1;
    const uri = use.client.open(use.workspace.path('p.plan.md'), PLAN);
    let lines = PLAN.split('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        for (const { line, remove, put } of edits) {
          const from = Math.min(line, lines.length - 1);
          const to = Math.min(from + remove, lines.length - 1);
          const text = put.map((one) => `${one}\n`).join('');
          use.client.change(uri, ++version, [
            { range: { start: { line: from, character: 0 }, end: { line: to, character: 0 } }, text },
          ]);
          lines = [...lines.slice(0, from), ...put.flatMap((one) => one.split('\n')), ...lines.slice(to)];
        }
        const own = (await use.client.diagnostics(uri, version)).filter(
          ({ code }) => !['missing-path', 'missing-program'].includes(code),
        );
        expect(own.map(({ code, range }) => [code, range])).toEqual(
          parsePlan(lines.join('\n')).warnings.map(({ code, range }) => [code, range]),
        );
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('any edits of config.toml give what the core gives for the text that comes of them', async () => {
    const words = [
      '[loop]\n',
      '[checks]\n',
      '[task_models]\n',
      '[lop]\n',
      'max_iterations = 3\n',
      'max_iteratons = 3\n',
      'research = { provider = "manual" }\n',
      'research.mdel = "x"\n',
      'unit = 3\n',
      '"a.b" = ""\n',
      '= ',
      '"',
      '{',
      '[',
      'ß日本 👩‍🚀\n',
      '# x\n',
      '\u0000',
      '\ud800',
      '\r\n',
      '\r',
    ];
    const edit = fc.record({ at: fc.nat(200), remove: fc.nat(30), put: fc.constantFrom(...words) });
    let version = 1;
    let text = '';
    const uri = use.client.open(use.workspace.path('.weld/config.toml'), text);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        for (const { at, remove, put } of edits) {
          const [from, to] = [whole(text, at), whole(text, at + remove)];
          use.client.change(uri, ++version, [
            { range: { start: placeOf(text, from), end: placeOf(text, to) }, text: put },
          ]);
          text = text.slice(0, from) + put + text.slice(to);
        }
        const own = (await use.client.diagnostics(uri, version)).filter(
          ({ code }) => code !== 'config-missing-program',
        );
        const lines = text.split(/\r\n|\r|\n/u);
        // A lone \r ends a line in editors, but not in TOML.
        const lineOf = (line = 1): unknown =>
          /\r(?!\n)/u.test(text) ? expect.anything() : Math.min(line, lines.length) - 1;
        expect(own.map(({ message, severity, range }) => [message, severity, range.start.line])).toEqual(
          checkConfig(text).problems.map(({ message, severity, line }) => [
            message,
            severity === 'error' ? 1 : 2,
            lineOf(line),
          ]),
        );
        for (const {
          range: { start, end },
        } of own) {
          expect([
            start.line <= end.line,
            end.line < lines.length,
            end.character <= (lines[end.line]?.length ?? 0),
          ]).toEqual([true, true, true]);
        }
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  it('a server killed at any moment leaves nothing that stops the next', async () => {
    for (const after of [0, 5, 50]) {
      const victim = new LspClient(use.server);
      void victim.start(use.workspace.top).catch(() => undefined);
      victim.open(use.workspace.path('k.plan.md'), longPlan(300));
      await new Promise((wake) => setTimeout(wake, after));
      victim.kill();
      await victim.until(() => victim.exited !== undefined, 'its end');
    }
    await alive();
  });

  it('ends by itself when its client is gone', async () => {
    const orphan = new LspClient(use.server);
    await orphan.start(use.workspace.top);
    orphan.endInput();
    await orphan.until(() => orphan.exited !== undefined, 'its end', 20_000);
  });

  it('a request for a document that is not open, or not ours, is answered', async () => {
    await all('file:///nowhere/x.plan.md');
    await all('untitled:Untitled-1');
    await alive();
  });
});
