import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planGenerate } from '../../../../src/core/runs/importPlan';
import { reportText } from '../../../../src/core/runs/report';
import { runSteps } from '../../../../src/core/runs/runSteps';
import { type Answer, sampleRecording, verdict } from '../../../support/recordings';
import { previewRows, previewTokens } from '../../support/markdown';
import { makeRun, operate, type World } from './support';

type Run = World & { readonly runId: RunId };

/** A run whose plan's steps have been worked on, and committed if they passed. */
async function worked(answers: readonly Answer[]): Promise<Run> {
  const run = await makeRun({
    recording: { version: 1, answers },
    checks: { test: 'true' },
    config: '[loop]\nmax_iterations = 2\n',
  });
  const { project, runId } = run;
  await operate(project, runId, (op) => planGenerate(op, { runId }));
  await operate(project, runId, (op) => runSteps(op, { run: runId }));
  return run;
}

test('a report tells a run from its specification to its commits', async () => {
  const usage = { model: 'opus', tokens_in: 1000, cost_usd: 0.25 };
  const { project, runId } = await worked(sampleRecording().answers.map((answer) => ({ ...answer, usage })));
  const { sha } = await operate(project, runId, (op) => commitRun(op, { runId, message: 'Greet', all: true }));
  const report = await reportText(project, runId);
  expect(report).toMatch(/^- Specification: docs\/greetings\.md \(SHA-256 [0-9a-f]{64}\)$/mu);
  expect(report).toMatch(/^- Plan: version 1$/mu);
  expect(report).toContain(`- \`${sha}\`: steps 1, 2 (`);
  // The plan, two steps, and one fix with its review.
  expect(report).toMatch(/^- Time: .* · tokens: 7000 · cost: US\\\$1\.75$/mu);
  const rows = previewRows(report);
  expect(rows).toContainEqual(['1', 'Greet by name', 'committed', '1', expect.any(String), '2000', 'US$0.50']);
  expect(rows).toContainEqual([
    '1',
    expect.stringMatching(/^failed: rejected by the reviewer/u),
    'src/greet.mjs, src/greetings.json (added), test/greet.test.mjs',
    'test passed',
    '1 blocker',
    'replay (opus)',
    expect.any(String),
    '2000',
    'US$0.50',
  ]);
  expect(report).toContain('- Iteration 1: blocker in src/greet.mjs: greet(');
  expect(report).toContain('Criterion: A language that is not known falls back to English.');
  expect(fs.readFileSync(project.paths.run(runId).summary, 'utf8')).toContain('| 1 | Greet by name | committed | 1 |');
}, 60_000);

test('names and words of others show as they are, and secrets not at all', async () => {
  const token = `ghp_${'a1B2'.repeat(9)}`;
  const title = 'Say <img src=x onerror=y> | [more](https://evil.example) **now**';
  const answers: Answer[] = [
    { task: 'plan_generation', attempt: 1, answer: `# Plan\n\n## Step 1: ${title}\n\n### Goal\nIt.\n` },
    {
      task: 'implementation',
      step: 1,
      attempt: 1,
      answer: 'Done.',
      edits: [{ path: 'src/a|b [x](http:__evil).mjs', content: 'x\n' }],
    },
    {
      task: 'implementation_review',
      step: 1,
      attempt: 1,
      answer: verdict(false, [
        {
          severity: 'blocker',
          file: 'src/<b>.mjs',
          hint: `Uses ${token}.\n\n# Gone\n| a |\nhttps://evil.example @ada`,
        },
      ]),
    },
  ];
  const { project, runId } = await worked(answers);
  const report = await reportText(project, runId);
  expect(report).not.toContain(token);
  const kinds = new Set(previewTokens(report));
  for (const kind of ['link_open', 'image', 'html_inline', 'html_block', 'strong_open', 'fence', 'code_block'])
    expect(kinds.has(kind), kind).toBe(false);
  const rows = previewRows(report).map((row) => row.map((cell) => cell.replaceAll('\u2060', '')));
  expect(rows[1]?.[1]).toBe(title);
  expect(rows.map((row) => row.length)).toEqual([7, 7, 9, ...rows.slice(3).map(() => 9)]);
  expect(rows[3]?.[2]).toBe('src/a|b [x](http:__evil).mjs (added)');
}, 60_000);
