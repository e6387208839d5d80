/** A recording of an agent, as the `replay` agent reads it: what the sample run and the tests play. */
export interface Answer {
  readonly task: string;
  readonly step?: number;
  readonly attempt: number;
  readonly answer: string;
  readonly edits?: readonly { readonly path: string; readonly content: string | null }[];
  readonly delay_ms?: number;
  readonly usage?: { readonly model?: string; readonly tokens_in?: number; readonly cost_usd?: number | undefined };
}
export interface Recording {
  readonly version: 1;
  readonly answers: readonly Answer[];
}

/** A reviewer's answer. */
export function verdict(
  pass: boolean,
  issues: readonly { severity: string; file: string; hint: string; maps_to?: string | null }[] = [],
  note = '',
): string {
  const verdict = { pass, issues: issues.map((issue) => ({ maps_to: null, ...issue })) };
  return `${note}\n\n\`\`\`json\n${JSON.stringify(verdict, null, 2)}\n\`\`\`\n`;
}

/** The plan of the sample, as its agent writes it. */
export const PLAN = `# Plan

## Step 1: Greet by name

### Goal
A function that greets one person.

### Changes
- \`src/greet.mjs\`: export \`greet(name)\`
- \`test/greet.test.mjs\`: its tests

### Acceptance criteria
- [ ] \`greet('Ada')\` gives \`Hello, Ada!\`

### Tests
- \`test/greet.test.mjs\`

## Step 2: Greet in the person's language

### Goal
The greeting speaks the language it is asked for.

### Changes
- \`src/greet.mjs\`: a second parameter \`language\`
- \`src/greetings.json\`: the words

### Acceptance criteria
- [ ] \`greet('Ada', 'fr')\` gives \`Bonjour, Ada!\`
- [ ] A language that is not known falls back to English

### Tests
- \`test/greet.test.mjs\`
`;

const REVISED = PLAN.replace(
  "- [ ] `greet('Ada')` gives `Hello, Ada!`",
  "- [ ] `greet('Ada')` gives `Hello, Ada!`\n- [ ] An empty name is refused with a RangeError",
);

const GREET_1 = `export function greet(name) {
  if (name === '') throw new RangeError('a name is needed');
  return \`Hello, \${name}!\`;
}
`;
const TEST_1 = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greet } from '../src/greet.mjs';

test('greets by name', () => assert.equal(greet('Ada'), 'Hello, Ada!'));
test('refuses an empty name', () => assert.throws(() => greet(''), RangeError));
`;
const GREETINGS = `${JSON.stringify({ en: 'Hello', fr: 'Bonjour', hu: 'Szia' }, null, 2)}\n`;
const greet2 = (word: string): string => `import { readFileSync } from 'node:fs';

const words = JSON.parse(readFileSync(new URL('./greetings.json', import.meta.url), 'utf8'));

export function greet(name, language = 'en') {
  if (name === '') throw new RangeError('a name is needed');
  return \`\${${word}}, \${name}!\`;
}
`;
const TEST_2 = `${TEST_1}test('speaks French', () => assert.equal(greet('Ada', 'fr'), 'Bonjour, Ada!'));\n`;
const TEST_3 = `${TEST_2}test('falls back to English', () => assert.equal(greet('Ada', 'xx'), 'Hello, Ada!'));\n`;

/**
 * The recording of the sample: step 1 passes at once, step 2 fails its review and passes after the fix.
 * @param pace how long the slow tasks take, in ms
 */
export function sampleRecording(pace = 0): Recording {
  const review = (step: number, attempt: number, answer: string): Answer => ({
    task: 'implementation_review',
    step,
    attempt,
    answer,
    delay_ms: pace,
  });
  return {
    version: 1,
    answers: [
      {
        task: 'research',
        attempt: 1,
        answer:
          '# Research\n\nThe repository is one small module without dependencies; tests run with `node --test`.\n',
      },
      { task: 'research_review', attempt: 1, answer: 'The research covers what the specification asks for.\n' },
      { task: 'plan_generation', attempt: 1, answer: PLAN, delay_ms: pace / 2 },
      {
        task: 'plan_review',
        attempt: 1,
        answer:
          `## Review\n\nStep 1 does not say what happens to an empty name.\n\n## Revised ` +
          `Plan\n\n${REVISED.replace('# Plan\n\n', '')}`,
        delay_ms: pace / 2,
      },
      {
        task: 'implementation',
        step: 1,
        attempt: 1,
        answer: 'Added `greet` and its tests.',
        delay_ms: pace,
        edits: [
          { path: 'src/greet.mjs', content: GREET_1 },
          { path: 'test/greet.test.mjs', content: TEST_1 },
        ],
      },
      review(1, 1, verdict(true, [], 'Both criteria are met and tested.')),
      {
        task: 'implementation',
        step: 2,
        attempt: 1,
        answer: 'The greeting takes a language.',
        delay_ms: pace,
        edits: [
          { path: 'src/greet.mjs', content: greet2('words[language]') },
          { path: 'src/greetings.json', content: GREETINGS },
          { path: 'test/greet.test.mjs', content: TEST_2 },
        ],
      },
      review(
        2,
        1,
        verdict(
          false,
          [
            {
              severity: 'blocker',
              file: 'src/greet.mjs',
              hint: "greet('Ada', 'xx') gives \"undefined, Ada!\": fall back to English.",
              maps_to: 'A language that is not known falls back to English',
            },
          ],
          'One criterion is not met.',
        ),
      ),
      {
        task: 'fix_generation',
        step: 2,
        attempt: 1,
        answer: 'Unknown languages fall back to English.',
        delay_ms: pace,
        edits: [
          { path: 'src/greet.mjs', content: greet2('words[language] ?? words.en') },
          { path: 'test/greet.test.mjs', content: TEST_3 },
        ],
      },
      review(2, 2, verdict(true, [], 'All criteria are met and tested.')),
    ],
  };
}
