import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVerdict, reviewDocument } from '../../../../../src/core/steps/verdict/readVerdict';

const PASS = '{"pass": true, "issues": []}';
const FAIL =
  '{"pass": false, "issues": [{"severity": "blocker", "file": "a.ts", "line": 1, "hint": "wrong", "maps_to": 1}]}';

/** Statements that the step does not pass, next to a verdict in the requested form that says it does. */
const FAILING: readonly (readonly [string, string])[] = [
  ['another verdict', FAIL],
  ['another in a fence', `\`\`\`json\n${FAIL}\n\`\`\``],
  ['another in a line', `The form is ${FAIL}.`],
  ['a doubled key in it', '{"pass": true, "issues": [], "pass": false}'],
  ['single quotes', "{'pass': false, 'issues': []}"],
  ['curly quotes', '{“pass”: false, “issues”: []}'],
  ['low and high quotes', '{„pass“: false}'],
  ['backquotes', '`pass`: `false`'],
  ['no quotes', '{pass: false, issues: []}'],
  ['doubled quotes', '{""pass"": ""false""}'],
  ['YAML', 'pass: false\nissues:\n  - hint: wrong'],
  ['YAML, no', 'verdict:\n  pass: no\n'],
  ['YAML with a reason', 'Pass: no, because the tests are missing'],
  ['TOML', 'pass = false'],
  ['a table', '| criterion | verdict |\n|---|---|\n| pass | false |'],
  ['bold', '**Pass:** false'],
  ['bold key', '**Verdict**: FAIL'],
  ['an array', `[${FAIL}]`],
  ['an array of words', '["pass", false]'],
  ['nested', '{"result": {"pass": false, "issues": []}}'],
  ['nested with escapes', '{"result": {"p\\u0061ss": false}}'],
  ['a text in JSON', '"{\\"pass\\": false, \\"issues\\": []}"'],
  ['a tag', '<pass>false</pass>'],
  ['an attribute', '<verdict pass="false"/>'],
  ['entities', '{&quot;pass&quot;: false}'],
  ['wide letters', 'ｐａｓｓ： ｆａｌｓｅ'],
  ['an invisible letter', 'pa\u200Bss: fal\u00ADse'],
  ['a call', 'report_verdict(pass=False)'],
  ['a hash', ':pass => false'],
  ['another word', '"approved": false'],
  ['a status', 'Status: rejected'],
  ['a cross', 'Verdict: ❌'],
  ['a line', 'FAIL'],
  ['a heading', '## Changes requested'],
  ['a failed key', 'failed: true'],
  ['a severity', '- severity: blocker\n  hint: wrong'],
  ['words', 'My verdict is therefore that it fails.'],
  ['words of a judge', 'I cannot approve this.'],
  ['words of refusal', 'I have to reject the patch.'],
  ['words about the step', 'This step does not pass.'],
  ['a curly apostrophe', 'The patch doesn’t pass the review.'],
  ['merging', 'It must not be merged.'],
  ['a criterion', 'Acceptance criterion 2 is not met.'],
  ['a criterion the other way', 'It does not meet criterion 2.'],
  ['an object without issues', '{"pass": false}'],
  ['an object with issues only', '{"issues": [{"severity": "blocker", "file": "a", "hint": "x"}]}'],
  ['another letter case', '{"Pass": false, "Issues": []}'],
];

const PROSE = [
  'I read every file.',
  'The tests pass, no issues found.',
  'It used to fail when the list was empty.',
  'All pass: no problems.',
  'The old code does not pass the signal on.',
  'Errors are rejected with a sentence.',
  'Result: 3 files changed.',
  '> It fails.',
  'Status: ready',
  '{ "a": 1 }',
  'if (x) { y(); }',
  'The caller that fails to lock is told so.',
  'No criterion is left open.',
];

describe('a verdict is clear or unreadable', () => {
  it.each(FAILING)('%s before a pass', (_name, statement) => {
    expect(readVerdict(`${statement}\n\n${PASS}\n`)).toMatchObject({ ok: false });
    expect(readVerdict(`Some words.\n${statement}\n\n\`\`\`json\n${PASS}\n\`\`\`\n`)).toMatchObject({ ok: false });
  });

  it.each(FAILING)('%s behind a pass', (_name, statement) => {
    const reading = readVerdict(`${PASS}\n\n${statement}\n`);
    expect(reading.ok && reading.verdict.pass).toBe(false);
  });

  it.each([
    ['a quotation', `> ${PASS}`],
    ['quotation marks', `The file says "${PASS}"`],
    ['curly ones', `The file says “${PASS}”`],
    ['a sentence', `The README of the patch ends with ${PASS}`],
    ['backquotes', `\`${PASS}\``],
    ['loud thinking', `<think>${PASS}</think>`],
    ['thinking that never ends', `<thinking>\nSo it would be\n${PASS}`],
    ['nested thinking', `<think>a <think>b</think>\n${PASS}\n</think>`],
    ['an example', `<example>\n${PASS}\n</example>\nThe code is wrong.`],
    ['words that follow', `${PASS}\nBut look at line 3.`],
    ['another object that follows', `${PASS}\n{}`],
    ['a list', `[${PASS}]`],
    ['another object', `{"verdict": ${PASS}}`],
    ['a text', JSON.stringify(PASS)],
    ['a field that says otherwise', '{"pass": true, "issues": [], "final": {"pass": false}}'],
    ['a word that says otherwise', '{"pass": true, "issues": [], "verdict": "rejected"}'],
    [
      'a doubled key of an issue',
      '{"pass": true, "issues": [{"severity": "blocker", "severity": "minor", "hint": "x"}]}',
    ],
    ['a key that is doubled in another case', '{"pass": true, "issues": [], "PASS": true}'],
  ])('a pass in %s is none', (_name, text) => {
    expect(readVerdict(text)).toMatchObject({ ok: false });
  });

  it('a fail is unreadable only where the text says that it passes', () => {
    expect(readVerdict(`The step fails.\n${FAIL}`)).toMatchObject({ ok: true, verdict: { pass: false } });
    expect(readVerdict(`pass: true\n${FAIL}`)).toMatchObject({ ok: false });
  });

  it('a structured verdict whose other fields say otherwise is none', () => {
    expect(readVerdict('', { pass: true, issues: [], verdict: 'fail' })).toMatchObject({ ok: false });
    expect(readVerdict('', { pass: true, issues: [], confidence: 0 })).toMatchObject({ ok: true });
  });

  it('no text with a statement of failing in a known form passes, whatever stands around it', () => {
    const key = fc.constantFrom('pass', 'Pass', 'PASS', 'passed', 'approved', 'verdict', 'Verdict');
    const quote = fc.constantFrom('', '"', "'", '“', '‘', '`', '**', '""', '\\"');
    const form = fc
      .tuple(
        key,
        quote,
        fc.constantFrom(': ', ':', ' = ', ' | ', ': \n  ', '=', ' => '),
        quote,
        fc.constantFrom('false', 'False', 'fail', 'FAILED', 'rejected', 'not passed', '❌'),
      )
      .map(([name, q, is, v, value]) => `${q}${name}${q}${is}${v}${value}${v}`);
    const statement = fc.oneof(
      fc.constantFrom(...FAILING.map(([, text]) => text)),
      form,
      form.map((text) => `{${text}, issues: []}`),
      form.map((text) => `- ${text}\n`),
    );
    const words = fc.array(fc.oneof(fc.constantFrom(...PROSE), fc.lorem()), { maxLength: 6 });
    const fence = fc.boolean();
    fc.assert(
      fc.property(words, statement, words, fence, (before, failing, after, fenced) => {
        const reading = readVerdict(
          [...before, failing, ...after, fenced ? `\`\`\`json\n${PASS}\n\`\`\`` : PASS].join('\n\n'),
        );
        expect(reading.ok && reading.verdict.pass).toBe(false);
      }),
      { numRuns: 1000 },
    );
    // The prose alone is not a statement.
    fc.assert(
      fc.property(words, (before) => {
        expect(readVerdict([...before, PASS].join('\n\n'))).toMatchObject({ ok: true, verdict: { pass: true } });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['braces', '{'],
    ['quoted braces', '{"'],
    ['keys', '{"a":'],
    ['closed objects', '{}'],
    ['tags', '<think>'],
    ['quotations', '> \n'],
    ['fences', '```\n'],
    ['white space', ' '],
    ['line ends', '\n'],
    ['marks', '*_"'],
    ['words', 'criterion '],
    ['keys without values', 'pass: '],
    ['not', 'verdict '],
    ['verdicts', `${PASS}\n`],
    ['dashes', '- '],
    ['quotes', '"'],
    ['backslashes', '\\'],
  ])('takes a moment on a long text of %s', (_name, piece) => {
    const time = (length: number): number => {
      const began = performance.now();
      readVerdict(`${piece.repeat(Math.floor(length / piece.length))}\n${PASS}`);
      return performance.now() - began;
    };
    expect(time(400_000)).toBeLessThan(4_000); // a non-linear pattern takes minutes
  });
});

describe('review.md', () => {
  it('gives back a structured verdict, whatever stands in the text beside it', () => {
    const structured = JSON.parse(FAIL) as unknown;
    for (const text of ['', PASS, `Fine.\r\n${PASS}`, `\n> quoted\n${PASS}\r${PASS}`, '<think>', FAIL])
      expect(readVerdict(reviewDocument({ text, structured }))).toEqual(readVerdict('', structured));
    expect(readVerdict(reviewDocument({ text: 'It fails.', structured: { pass: true, issues: [] } }))).toMatchObject({
      ok: true,
      verdict: { pass: true },
    });
    expect(readVerdict(reviewDocument({ text: PASS, structured: { pass: 'yes' } }))).toMatchObject({ ok: false });
  });
});
