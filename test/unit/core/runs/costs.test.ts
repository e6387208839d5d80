import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CallsSchema } from '../../../../src/core/artifacts/callSchemas';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import { type Timing, TimingSchema } from '../../../../src/core/artifacts/schemas';
import { readRecord } from '../../../../src/core/artifacts/store';
import { planGenerate } from '../../../../src/core/runs/importPlan';
import { costOfRun } from '../../../../src/core/steps/calls';
import type { LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { selectStep } from '../../../../src/core/steps/select';
import { listSteps } from '../../../../src/core/steps/state/read';
import { type Answer, PLAN, verdict } from '../../../support/recordings';
import { makeRun, operate, type World } from './support';

type Run = World & { readonly runId: RunId };

const usage = (cost_usd: number) => ({ model: 'opus', tokens_in: 900, tokens_out: 100, cost_usd });
const edits = [{ path: 'src/greet.mjs', content: 'export const greet = 1;\n' }];

function answers(cost: number, more: object = {}): Answer[] {
  const spent = { usage: { ...usage(cost), ...more } };
  return [
    { task: 'plan_generation', attempt: 1, answer: PLAN, ...spent },
    { task: 'implementation', step: 1, attempt: 1, answer: 'Done.', edits, ...spent },
    { task: 'implementation_review', step: 1, attempt: 1, answer: verdict(true), ...spent },
  ];
}

async function planned(recorded: readonly Answer[], config = ''): Promise<Run> {
  const run = await makeRun({ checks: { test: 'true' }, config, recording: { version: 1, answers: recorded } });
  await operate(run.project, run.runId, (op) => planGenerate(op, { runId: run.runId }));
  return run;
}

const loop = ({ project, runId }: Run): Promise<LoopResult> =>
  operate(project, runId, async (op) => {
    await selectStep(op, { run: runId, step: 1 });
    return runLoop(op, { run: runId, step: 1, resume: true });
  });

async function timing({ project, runId }: Run): Promise<Timing | null> {
  const [step] = await listSteps(project, runId);
  return readRecord(project.paths.run(runId).step(step!.key).iteration(1).timing, TimingSchema);
}

describe('what agents cost', () => {
  test('is kept call by call, for steps and for the plan, and adds up to the cost of the run', async () => {
    const run = await planned(answers(0.25));
    await loop(run);
    const { project, runId } = run;
    const [planning] = (await readRecord(project.paths.run(runId).calls, CallsSchema))?.calls ?? [];
    const told = {
      agent: 'replay',
      model: 'opus',
      tokens_in: 900,
      tokens_out: 100,
      cost_usd: 0.25,
      cost_from: 'agent',
    };
    expect(planning).toMatchObject({
      ...told,
      task: 'plan_generation',
      at: expect.stringMatching(/^\d{4}-/u) as string,
    });
    const record = await timing(run);
    expect(record).toMatchObject({ tokens: 2000, cost_usd: 0.5 });
    expect(record?.calls).toMatchObject([
      { ...told, task: 'implementation' },
      { ...told, task: 'implementation_review' },
    ]);
    expect(await costOfRun(project, runId)).toBeCloseTo(0.75);
  });

  test('comes from the price table where an agent reports tokens alone, and from nowhere else', async () => {
    const priced = await planned(
      answers(0, { cost_usd: undefined }),
      '[prices]\nopus = { input = 1000.0, output = 5000.0 }\n',
    );
    await loop(priced);
    expect((await timing(priced))?.calls?.[0]).toMatchObject({ cost_from: 'prices' });
    expect((await timing(priced))?.calls?.[0]?.cost_usd).toBeCloseTo(1.4);
    const unknown = await planned(answers(0, { cost_usd: undefined }));
    await loop(unknown);
    expect((await timing(unknown))?.calls?.[0]).not.toHaveProperty('cost_usd');
    expect(await costOfRun(unknown.project, unknown.runId)).toBe(0);
  });

  test('is not lowered by a negative record, nor unsettled by a model that is called like a property', async () => {
    const run = await planned(answers(0, { cost_usd: undefined, model: 'constructor' }));
    await loop(run);
    expect((await timing(run))?.calls?.[0]).not.toHaveProperty('cost_usd');
    const { project, runId } = run;
    const file = project.paths.run(runId).calls;
    const record = { task: 'plan_generation', agent: 'claude', at: '2026-01-01T00:00:00Z' };
    fs.writeFileSync(
      file,
      JSON.stringify({
        calls: [
          { ...record, cost_usd: 2 },
          { ...record, cost_usd: -9 },
        ],
      }),
    );
    expect(await costOfRun(project, runId)).toBe(2);
  });

  test('stops a run at its limit, over tasks and starts, until the limit is raised', async () => {
    const run = await planned(answers(0.4), '[loop]\nmax_total_cost_usd = 0.8\n');
    expect(await loop(run)).toMatchObject({ passed: false, reason: 'budget' });
    expect((await timing(run))?.calls?.map(({ task }) => task)).toEqual(['implementation']);
    const again = await loop(run);
    expect(again).toMatchObject({ passed: false, reason: 'budget' });
    expect(again.message).toContain('0.80 USD, which is what loop.max_total_cost_usd allows');
    const { project, runId } = run;
    await expect(operate(project, runId, (op) => planGenerate(op, { runId }))).rejects.toThrow(
      /max_total_cost_usd allows; raise it/u,
    );
    const file = project.paths.config;
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('= 0.8', '= 5.0'));
    expect(await loop(run)).toMatchObject({ passed: true });
    expect(await costOfRun(project, runId)).toBeCloseTo(1.2);
  });
});
