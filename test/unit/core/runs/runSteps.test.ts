import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import type { Operation } from '../../../../src/core/project';
import { readMeta } from '../../../../src/core/runMeta';
import { planImport } from '../../../../src/core/runs/importPlan';
import { readRun } from '../../../../src/core/runs/listRuns';
import { type RunStepsRequest, type RunStepsResult, runSteps } from '../../../../src/core/runs/runSteps';
import { WeldError } from '../../../../src/core/util/errors';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { type Answer, verdict } from '../../../support/recordings';
import { endingAt, makeRun, operate, type World } from './support';

type Run = World & { readonly runId: RunId };

const title = (n: number): string => `Write part ${n}`;
const content = (n: number): string => `export const part = ${n};\n`;
const plan = (count: number): string =>
  `# Plan\n${Array.from({ length: count }, (_, at) => at + 1)
    .map((n) => `\n## Step ${n}: ${title(n)}\n\n### Acceptance criteria\n- [ ] part ${n} is there\n`)
    .join('')}`;

function answers(n: number, passes: boolean): Answer[] {
  const edits = [{ path: `src/part${n}.mjs`, content: content(n) }];
  const issue = { severity: 'blocker', file: `src/part${n}.mjs`, hint: 'Not enough.', maps_to: '1' };
  return [
    { task: 'implementation', step: n, attempt: 1, answer: 'Done.', edits },
    {
      task: 'implementation_review',
      step: n,
      attempt: 1,
      answer: passes ? verdict(true) : verdict(false, [issue]),
    },
  ];
}

/** A run whose plan has `count` steps; each passes in one iteration, but for those in `failing`. */
async function planned(count: number, failing: readonly number[] = []): Promise<Run> {
  const run = await makeRun({
    checks: { test: 'true' },
    config: '[loop]\nmax_iterations = 1\n',
    recording: {
      version: 1,
      answers: Array.from({ length: count }, (_, at) => answers(at + 1, !failing.includes(at + 1))).flat(),
    },
  });
  await operate(run.project, run.runId, (op) => planImport(op, { runId: run.runId, markdown: plan(count) }));
  return run;
}

const call = (
  { project, runId }: Run,
  more: Omit<RunStepsRequest, 'run'> = {},
  change: (op: Operation) => Operation = (op) => op,
  signal?: AbortSignal,
): Promise<RunStepsResult> =>
  operate(project, runId, (op) => runSteps(change(op), { run: runId, ...more }), { ...(signal && { signal }) });

const states = async ({ project, runId }: Run): Promise<string[]> =>
  (await readRun(project, runId)).steps.map((step) => step.state);
const lines = async (text: Promise<string>): Promise<string[]> => (await text).trim().split('\n');
const subjects = async ({ top }: Run): Promise<string[]> =>
  (await lines(git(top, 'log', '--reverse', '--format=%s'))).slice(1);

describe('the steps that are left', () => {
  test('are worked on in order and committed one by one, with their titles', async () => {
    const run = await planned(3);
    const result = await call(run, { commitEach: true });
    expect(result).toMatchObject({ passed: [1, 2, 3], reason: 'passed', message: 'Steps 1, 2, 3 passed.' });
    expect(result).not.toHaveProperty('stoppedAt');
    expect(result.committed).toEqual((await lines(git(run.top, 'rev-list', '--reverse', 'HEAD'))).slice(1));
    expect(await subjects(run)).toEqual([1, 2, 3].map(title));
    expect(await states(run)).toEqual(['committed', 'committed', 'committed']);
    expect((await readMeta(run.project, run.runId)).commits.map(({ steps }) => steps)).toEqual([[1], [2], [3]]);
    expect(await lines(git(run.top, 'show', '--format=', '--name-only', 'HEAD~1'))).toEqual(['src/part2.mjs']);
    expect(await call(run)).toMatchObject({ passed: [], committed: [], reason: 'passed' });
  });

  test('are left uncommitted unless asked, and committed by a later call that asks', async () => {
    const run = await planned(3);
    expect(await call(run, { until: 2 })).toMatchObject({ passed: [1, 2], committed: [], reason: 'passed' });
    expect(await states(run)).toEqual(['passed', 'passed', 'not-selected']);
    const later = await call(run, { commitEach: true });
    expect(later.passed).toEqual([3]);
    expect(later.committed).toHaveLength(3);
    expect(await subjects(run)).toEqual([1, 2, 3].map(title));
  });

  test('stop at the first that does not pass, and go on there', async () => {
    const run = await planned(3, [2]);
    const result = await call(run, { commitEach: true });
    expect(result).toMatchObject({ passed: [1], stoppedAt: 2, reason: 'max_iterations' });
    expect(result.message).toMatch(/^Step 1 passed\. Step 2 has not passed after 1 iteration/u);
    expect(await states(run)).toEqual(['committed', 'failed', 'not-selected']);
    expect(await call(run)).toMatchObject({ passed: [], stoppedAt: 2, reason: 'agent_failed' }); // nothing is recorded
  });

  test('stop at a commit that a hook refuses, and go on with it once the hook agrees', async () => {
    const run = await planned(2);
    const hook = path.join(run.top, '.git/hooks/pre-commit');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(hook, '#!/bin/sh\necho no tests here >&2\nexit 1\n', { mode: 0o755 });
    const result = await call(run, { commitEach: true });
    expect(result).toMatchObject({ passed: [1], committed: [], stoppedAt: 1, reason: 'commit_failed' });
    expect(result.message).toContain('no tests here');
    fs.rmSync(hook);
    expect(await call(run, { commitEach: true })).toMatchObject({ passed: [2], reason: 'passed' });
    expect(await subjects(run)).toEqual([1, 2].map(title));
  });

  test('stop when a person stops them, and say so', async () => {
    const run = await planned(2);
    const stop = new AbortController();
    const result = await call(
      run,
      {},
      (op) => ({
        ...op,
        report: ({ message }) => {
          if (message.startsWith('step 2')) stop.abort();
        },
      }),
      stop.signal,
    );
    expect(result).toMatchObject({ passed: [1], stoppedAt: 2, reason: 'cancelled' });
  });

  test('stop at a pass that a person has to accept, and at a damaged step', async () => {
    const run = await planned(3);
    await call(run, { until: 1 });
    const { project, runId } = run;
    const [first] = (await readRun(project, runId)).steps;
    const status = project.paths.run(runId).step(first!.key).iteration(1).status;
    fs.appendFileSync(status, ' ');
    expect(await call(run)).toMatchObject({ passed: [], stoppedAt: 1, reason: 'needs_person' });
    fs.writeFileSync(project.paths.run(runId).step(first!.key).record, '{');
    expect(await call(run)).toMatchObject({ passed: [], stoppedAt: 1, reason: 'damaged' });
  });

  test('are refused without a plan, and up to a step that the plan does not have', async () => {
    const bare = await makeRun();
    await expect(call(bare)).rejects.toMatchObject({ code: 'NO_PLAN' });
    const run = await planned(1);
    await expect(call(run, { until: 7 })).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
    expect(await states(run)).toEqual(['not-selected']);
  });
});

/** Ends the work every few writes until all is done. @returns how often it was ended */
async function endedAgainAndAgain(run: Run, every: (turn: number) => number): Promise<number> {
  for (let turn = 0; ; turn++) {
    const result = await call(run, { commitEach: true }, (op) => endingAt(op, every(turn))).catch((error: unknown) => {
      if (error instanceof WeldError && error.code === 'LOCK_LOST') return null;
      throw error;
    });
    if (result?.reason === 'passed') return turn;
    if (turn > 2_000) throw new Error(`no end in sight: ${result?.message ?? ''}`);
  }
}

describe('ended between two writes and continued', () => {
  async function holds(count: number, every: (turn: number) => number): Promise<void> {
    const run = await planned(count);
    const numbers = Array.from({ length: count }, (_, at) => at + 1);
    expect(await endedAgainAndAgain(run, every)).toBeGreaterThan(count);
    expect(await subjects(run)).toEqual(numbers.map(title));
    expect(await states(run)).toEqual(numbers.map(() => 'committed'));
    expect((await readMeta(run.project, run.runId)).commits.map(({ steps }) => steps)).toEqual(numbers.map((n) => [n]));
    for (const n of numbers) expect(await git(run.top, 'show', `HEAD:src/part${n}.mjs`)).toBe(content(n).trimEnd());
    for (const step of (await readRun(run.project, run.runId)).steps) expect(step.iterations).toHaveLength(1);
  }

  everyTime('two steps end as if nothing had happened', () => holds(2, (turn) => 3 + turn), 120_000);
  inDepth.each([1, 2, 3])(
    'twelve steps end as if nothing had happened, seed %i',
    (seed) => holds(12, (turn) => 5 + ((turn * 7919 + seed * 104729) % 61)),
    600_000,
  );
});
