import { describe, expect, it } from 'vitest';
import { type PlanStep, parsePlan } from '../../../src/core/plan';
import { pathsOf } from '../../../src/server/plan/planPaths';
import { programsOf } from '../../../src/server/plan/planPrograms';

const plan = (changes: string, tests: string): string =>
  `## Step 1: A\n\n### Changes\n\n- ${changes}\n\n### Tests\n\n- ${tests}\n`;

/** Everything that the server computes for a plan. */
function readAll(text: string): readonly PlanStep[] {
  const lines = text.split('\n');
  const { steps } = parsePlan(text);
  for (const step of steps) for (const read of [pathsOf, programsOf]) read(step, (line) => lines[line] ?? '');
  return steps;
}

/** A pattern with exponential backtracking would never end on these; a quadratic one would take minutes. */
describe('a plan that is meant to keep the server busy is read', () => {
  it.each([
    ['quotes in a variable', plan('x', `\`A=${'"a"'.repeat(40_000)}\``)],
    // A single word is not a command, so it is not searched for a variable.
    ['quotes in a variable before another command', plan('x', `\`A=${'"a"'.repeat(40_000)}; b c\``)],
    ['quotes that stay open', plan('x', `\`A=${'"a'.repeat(40_001)} x\``)],
    ['variables without an end', plan('x', `\`${'A=1 '.repeat(20_000)}\``)],
    ['marks before a command', plan('x', `${'*'.repeat(80_000)}_ ${'*'.repeat(80_000)} \`nosuch x\``)],
    ['tabs behind a step', `## Step 1:${'\t'.repeat(80_000)}x\n`],
    ['tabs behind a number', `## Step 1${'\t'.repeat(80_000)}x\n\n## Step 1: A\n`],
    ['tabs in a section', `## Step 1: A\n\n### Tests${'\t'.repeat(80_000)}x\n`],
    ['marks at the end of a heading', `## Step 1: A ${'#'.repeat(80_000)}x\n`],
    ['brackets in a title', `## Step 1: ${'[('.repeat(80_000)}\n`],
    ['odd spaces', `## Step 1: A\n\n-${'\u00a0'.repeat(80_000)}[ ] x\n##${'\u3000'.repeat(80_000)}Step 2: B\n`],
    ['signs before a label', `## Step 1: A\n\n${'✅ '.repeat(40_000)}**Goal**: x\n`],
    ['stars in a label', `## Step 1: A\n\n*${'\t'.repeat(80_000)}*\n`],
    ['tildes of a fence', `## Step 1: A\n\n${'~'.repeat(80_000)}\`\n`],
    ['brackets before a path', plan('['.repeat(9_000), 'x')],
    ['words that may move a file', plan(`${'move cop '.repeat(1_000)}\`src/a.ts\``, 'x')],
    ['remarks without an end', plan(`\`src/a.ts\` ${'(new '.repeat(1_900)}`, 'x')],
    ['dots behind a path', plan(`src/a.ts${'.)'.repeat(4_000)}x`, 'x')],
  ])(
    '%s',
    (_name, text) => {
      expect(readAll(text)[0]?.n).toBe(1);
    },
    20_000,
  );
});
