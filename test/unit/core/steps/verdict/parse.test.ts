import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVerdict, type VerdictReading } from '../../../../../src/core/steps/verdict/readVerdict';

const PASS = '{"pass": true, "issues": []}';

function read(text: string, structured?: unknown): Extract<VerdictReading, { ok: true }> {
  const reading = readVerdict(text, structured);
  if (!reading.ok) throw new Error(reading.why);
  return reading;
}

describe('a verdict', () => {
  it.each([
    ['bare', PASS],
    ['fenced', `I looked at everything.\n\n\`\`\`json\n${PASS}\n\`\`\`\n`],
    ['after prose with braces', `The function f() { return "}" } is fine. {not json}\n${PASS}`],
    ['after the same verdict', `${PASS}\n\nOnce more:\n\n${PASS}`],
    ['after a label', `I read it all.\n\n**Final verdict:** ${PASS}`],
    ['after an example that is quoted as such', `> {"pass": false, "issues": []}\n\n${PASS}`],
    ['after an example between tags', `<example>\n{"pass": false, "issues": []}\n</example>\n${PASS}`],
    ['after loud thinking', `<think>Maybe {"pass": false, "issues": []}? It fails. No.</think>\n${PASS}`],
    ['with a tag in a hint of its own', `Fine.\n{"pass": true, "issues": [], "note": "the <think> tag is closed"}`],
    [
      'after code with braces',
      `\`\`\`ts\nconst a = { b: { c: 1 } };\nif (a) { f({"x": 1}); }\n\`\`\`\n\n\`\`\`json\n${PASS}\n\`\`\``,
    ],
    ['with CRLF and a byte order mark', `\uFEFF${PASS.replace(' ', '\r\n')}\r\n`],
  ])('is read %s', (_name, text) => {
    expect(read(text).verdict).toEqual({ pass: true, issues: [] });
  });

  it.each([
    ['nothing', ''],
    ['prose', 'All good, I would pass this.'],
    ['a verdict that breaks off', '{"pass": true, "issues": ['],
    [
      'an example and then a verdict that breaks off',
      `Form: ${PASS}\n\n{"pass": false, "issues": [{"severity": "blocker", "hint": "x"`,
    ],
    [
      'an example and then one that breaks off after a whole issue',
      `Form: ${PASS}\n\n{"issues": [{"severity": "blocker", "hint": "x"}, {"sev`,
    ],
    ['one without pass', '{"issues": []}'],
    ['one without issues', '{"pass": true}'],
    ['pass as a text', '{"pass": "true", "issues": []}'],
    ['issues as a text', '{"pass": true, "issues": "none"}'],
    ['a list of issues', '[{"severity": "minor", "hint": "x"}]'],
    ['binary', '\u0000\u0001{\u0002"pass":\u0003'],
  ])('is not made up from %s', (_name, text) => {
    expect(readVerdict(text).ok).toBe(false);
  });

  it('comes from structured output before the text, and only from there', () => {
    expect(read('{"pass": false, "issues": []}', { pass: true, issues: [] }).verdict.pass).toBe(true);
    expect(readVerdict(PASS, 'nonsense').ok).toBe(false);
    expect(readVerdict(PASS, { pass: 1, issues: [] }).ok).toBe(false);
  });

  it('tolerates unknown fields and severities, says so, and never makes an issue lighter than it knows', () => {
    const { verdict, notices } = read(
      JSON.stringify({
        pass: false,
        confidence: 0.9,
        issues: [
          { severity: 'catastrophic', file: 'a.ts', hint: 'boom', extra: 1 },
          { severity: 'HIGH', file: 'a.ts', line: '12', hint: 'two', maps_to: 2 },
          { severity: 'nit', message: 'three', maps_to: 'none' },
          { hint: 'no severity' },
          'just text',
          { severity: 'minor', line: -3 },
        ],
      }),
    );
    expect(verdict.issues.map((issue) => issue.severity)).toEqual([
      'blocker',
      'blocker',
      'minor',
      'blocker',
      'blocker',
      'minor',
    ]);
    expect(verdict.issues[1]).toMatchObject({ line: 12, maps_to: '2' });
    expect(verdict.issues[2]).toMatchObject({ hint: 'three', maps_to: null });
    expect(verdict.issues[4]).toMatchObject({ hint: 'just text' });
    expect(verdict.issues[5]).not.toHaveProperty('line');
    expect(notices.join('\n')).toMatch(
      /unknown fields \(confidence\)[\s\S]*catastrophic[\s\S]*no severity[\s\S]*not an object/u,
    );
  });

  it('never throws, and reads back what it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', '[', ']', 'pass', ':', 'true', ',', ' ', '`') }),
        ),
        (text) => {
          expect(typeof readVerdict(text).ok).toBe('boolean');
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(
          fc.record({
            severity: fc.constantFrom('blocker', 'major', 'minor'),
            file: fc.string(),
            line: fc.option(fc.integer({ min: 1 })),
            hint: fc.string(),
            maps_to: fc.option(fc.integer({ min: 1, max: 9 })),
          }),
        ),
        fc.boolean(),
        (pass, issues, indented) => {
          const { verdict } = read(
            `Review.\n\`\`\`json\n${JSON.stringify({ pass, issues }, null, indented ? 2 : 0)}\n\`\`\`\n`,
          );
          expect(verdict.pass).toBe(pass);
          expect(verdict.issues.map((issue) => issue.severity)).toEqual(issues.map((issue) => issue.severity));
          expect(new Set(verdict.issues.map((issue) => issue.id)).size).toBe(issues.length);
        },
      ),
    );
  });

  it('ends in time on a text of nothing but braces', () => {
    const began = performance.now();
    expect(readVerdict('{'.repeat(3_000_000)).ok).toBe(false);
    expect(readVerdict('{"a":'.repeat(500_000)).ok).toBe(false);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
