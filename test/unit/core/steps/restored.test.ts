import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { AgentRequest } from '../../../../src/core/agents/agent';
import type { Project } from '../../../../src/core/project';
import { type RestoreTarget, restoreStep } from '../../../../src/core/steps/restoreStep';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { everyTime, inDepth } from '../../../support/deep';
import { type Answer, verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import { createFixtureRepo, type FixtureRepo, lines, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

async function looped(answers: readonly Answer[], request: Partial<LoopRequest>): Promise<void> {
  fixtureRepo = await createFixtureRepo(answers);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
  await loop(request);
}
const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const restore = (to: RestoreTarget) =>
  operate(fixtureRepo, project, (op) => restoreStep(op, { run: fixtureRepo.run, step: 1, to }));
const completed = (): boolean =>
  fs.existsSync(path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'completed'));
const state = () => readStepState(project, fixtureRepo.run, 1);

describe('after a restore', () => {
  const other = { ...BLOCKER, hint: 'Something else.' };
  const failed: readonly Answer[] = [
    TWO_ITERATIONS[0]!,
    TWO_ITERATIONS[1]!,
    TWO_ITERATIONS[2]!,
    { ...TWO_ITERATIONS[3]!, answer: verdict(false, [other]) },
  ];

  /** The prompt of the next iteration, from a loop that ends there. */
  async function nextPrompt(): Promise<string> {
    let prompt = '';
    const taking = (request: AgentRequest) => {
      prompt = request.prompt;
      return Promise.resolve({
        ok: false as const,
        failure: 'crash' as const,
        message: 'enough',
        usage: { durationMs: 1 },
      });
    };
    await loop({}, { agents: { implementation: taking, fix_generation: taking } });
    return prompt;
  }

  everyTime('to an iteration the next one fixes what that iteration left wrong', async () => {
    await looped(failed, { maxIterations: 2 });
    await restore({ iteration: 1 });
    const prompt = await nextPrompt();
    expect(prompt).toContain('Iteration 1 of this step did not pass.');
    expect(prompt).toContain(BLOCKER.hint);
    expect(prompt).not.toContain(other.hint);
  });

  inDepth('to the beginning the step is implemented anew', async () => {
    await looped(failed, { maxIterations: 2 });
    await restore('base');
    expect(await nextPrompt()).toContain('# Implement step 1');
    expect(lines(fixtureRepo.calls).at(-1)).toBe('implementation 2 crash');
  });

  inDepth('that is undone the next one fixes what the latest iteration left wrong', async () => {
    await looped(failed, { maxIterations: 2 });
    const { kept } = await restore('base');
    await restore({ kept: kept! });
    expect(await nextPrompt()).toContain(other.hint);
  });

  everyTime('a step that had passed is open, until the restore is undone', async () => {
    await looped(ONE_ITERATION, {});
    expect(completed()).toBe(true);
    const { kept } = await restore('base');
    expect(completed()).toBe(false);
    expect(await state()).toMatchObject({
      state: 'failed',
      why: 'the work tree was restored to its beginning since it passed',
    });
    await restore({ kept: kept! });
    expect(completed()).toBe(true);
    expect(await state()).toMatchObject({ state: 'passed' });
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
  });

  inDepth('a step that had passed is worked on again when the loop is resumed', async () => {
    await looped([...ONE_ITERATION, { ...ONE_ITERATION[0]!, attempt: 2 }, { ...ONE_ITERATION[1]!, attempt: 2 }], {});
    await restore('base');
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 2 });
    expect(await state()).toMatchObject({ state: 'passed' });
  });
});
