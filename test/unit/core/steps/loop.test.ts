import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { AgentRequest, AgentResult } from '../../../../src/core/agents/agent';
import type { OperationProgress, Project } from '../../../../src/core/project';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { type Answer, verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import {
  createFixtureRepo,
  type FixtureRepo,
  type FixtureRepoOptions,
  json,
  lines,
  record,
  removeFixtureRepo,
  stateOf,
} from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

async function at(answers: readonly Answer[], options?: FixtureRepoOptions): Promise<void> {
  fixtureRepo = await createFixtureRepo(answers, options);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
}

async function selected(answers: readonly Answer[], options?: FixtureRepoOptions): Promise<void> {
  await at(answers, options);
  await select(fixtureRepo, project);
}

function loop(request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> {
  return operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
}

const stepRoot = (): string => path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers');
const iter = (n: number, ...rest: string[]): string =>
  path.join(stepRoot(), 'iter', String(n).padStart(2, '0'), ...rest);

describe('a loop', () => {
  everyTime('implements, checks, reviews, fixes and passes, with a file for everything', async () => {
    await selected(TWO_ITERATIONS);
    const before = await git(fixtureRepo.top, 'rev-parse', 'HEAD');
    const messages: string[] = [];
    const result = await loop(
      {},
      {
        report: ({ message }) => {
          if (message !== '') messages.push(message);
        },
      },
    );
    expect(result).toMatchObject({ passed: true, iterations: 2, reason: 'passed' });
    expect(lines(fixtureRepo.calls)).toEqual([
      'implementation 1',
      'implementation_review 1',
      'fix_generation 1',
      'implementation_review 2',
    ]);
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
    for (const n of [1, 2])
      expect(fs.readdirSync(iter(n)).sort()).toEqual([
        'answer.md',
        'checks',
        'checks.summary.json',
        'diff.patch',
        'issues.json',
        'progress.json',
        'review.md',
        'review.prompt.md',
        'status.json',
        'timing.json',
      ]);
    expect(json(iter(1, 'status.json'))).toMatchObject({
      pass: false,
      blocker_count: 1,
      issue_count: 1,
      checks_exit_code: 0,
      diff_nonempty: true,
    });
    expect(json(iter(2, 'status.json'))).toMatchObject({ pass: true, issue_count: 0 });
    expect(fs.existsSync(path.join(stepRoot(), 'completed'))).toBe(true);
    expect(fs.readFileSync(path.join(stepRoot(), 'prompt', 'fix.iter01.md'), 'utf8')).toContain(BLOCKER.hint);
    expect(fs.readFileSync(iter(2, 'diff.patch'), 'utf8')).toContain(
      '+export const add = (a, b) => Number(a) + Number(b);',
    );
    expect(
      await git(fixtureRepo.top, 'show', `refs/weld/${fixtureRepo.run}/01-add-the-numbers/01:src/add.mjs`),
    ).toContain('a + b');
    expect(await git(fixtureRepo.top, 'rev-parse', 'HEAD')).toBe(before);
    expect(messages).toContain('step 1, iteration 2 of 6: checks'.replace('6', '5'));
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'passed',
      iterations: [{ state: 'failed' }, { state: 'passed' }],
    });
  });
});

describe('a loop stops', () => {
  const failing = verdict(false, [BLOCKER]);
  const edited = (task: Answer['task'], attempt: number): Answer => ({
    task,
    step: 1,
    attempt,
    answer: 'x',
    edits: [{ path: 'src/add.mjs', content: `${task} ${attempt}\n` }],
  });
  const review = (attempt: number, answer: string): Answer => ({
    task: 'implementation_review',
    step: 1,
    attempt,
    answer,
  });

  everyTime('after so many iterations, and goes on from there when it is started again', async () => {
    const other = verdict(false, [{ ...BLOCKER, hint: 'Something else.' }]);
    await selected([
      edited('implementation', 1),
      review(1, failing),
      edited('fix_generation', 1),
      review(2, other),
      edited('fix_generation', 2),
      review(3, verdict(true)),
    ]);
    expect(await loop({ maxIterations: 2 })).toMatchObject({ passed: false, iterations: 2, reason: 'max_iterations' });
    const before = stateOf(fixtureRepo);
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: true, iterations: 3, reason: 'passed' });
    const after = stateOf(fixtureRepo);
    for (const name of Object.keys(before).filter((each) => each.includes('/iter/')))
      expect(after[name], name).toBe(before[name]);
  });

  inDepth(
    'after as many iterations as it began with, however often it is resumed; a new loop counts anew',
    async () => {
      const issue = (n: number): string => verdict(false, [{ ...BLOCKER, hint: `Find ${n}.` }]);
      const answers = [1, 2, 3, 4, 5].flatMap((n) => [
        n === 1 ? edited('implementation', 1) : edited('fix_generation', n - 1),
        review(n, issue(n)),
      ]);
      await selected(answers.slice(0, 3), { config: '[loop]\nmax_iterations = 2' });
      const titles: string[] = [];
      const report = ({ message }: OperationProgress): void => {
        titles.push(/iteration \d+ of \d+/u.exec(message)?.[0] ?? '');
      };
      expect(await loop()).toMatchObject({ iterations: 2, reason: 'agent_failed' });
      record(fixtureRepo, answers);
      expect(await loop({ resume: true }, { report })).toMatchObject({
        iterations: 2,
        reason: 'max_iterations',
        message: expect.stringContaining('after 2 iterations') as string,
      });
      expect(new Set(titles.filter(Boolean))).toEqual(new Set(['iteration 2 of 2']));
      const abort = new AbortController();
      expect(
        await loop(
          {},
          {
            signal: abort.signal,
            report: ({ message }) => {
              if (message.endsWith('iteration 4 of 4: fix')) abort.abort();
            },
          },
        ),
      ).toMatchObject({ iterations: 4, reason: 'cancelled' });
      expect(await loop({ resume: true })).toMatchObject({ iterations: 4, reason: 'max_iterations' });
      record(fixtureRepo, answers.slice(0, 9));
      expect(await loop()).toMatchObject({ iterations: 5, reason: 'agent_failed' });
      record(fixtureRepo, answers);
      expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({
        iterations: 5,
        reason: 'max_iterations',
        message: expect.stringContaining('after 1 iteration:') as string,
      });
    },
  );

  everyTime('when the same issues come twice in a row', async () => {
    await selected([edited('implementation', 1), review(1, failing), edited('fix_generation', 1), review(2, failing)]);
    expect(await loop()).toMatchObject({ passed: false, iterations: 2, reason: 'no_progress' });
  });

  inDepth('when a fix leaves the same files', async () => {
    await selected([
      edited('implementation', 1),
      review(1, failing),
      { task: 'fix_generation', step: 1, attempt: 1, answer: 'nothing to do' },
      review(2, verdict(false, [{ ...BLOCKER, hint: 'Other.' }])),
    ]);
    expect(await loop()).toMatchObject({ passed: false, iterations: 2, reason: 'no_progress' });
  });

  everyTime('when an agent fails, with a status that says what is missing, and can be continued', async () => {
    await selected(ONE_ITERATION.slice(0, 1));
    expect(await loop()).toMatchObject({ passed: false, iterations: 1, reason: 'agent_failed' });
    expect(json(iter(1, 'status.json'))).toMatchObject({ pass: false, complete: false });
    const state = await readStepState(project, fixtureRepo.run, 1);
    expect(state).toMatchObject({ state: 'in-progress', iterations: [{ state: 'unfinished', phase: 'review' }] });
    expect(state.why).toMatch(/no answer for implementation_review/u);
    record(fixtureRepo, ONE_ITERATION);
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1, reason: 'passed' });
    expect(lines(fixtureRepo.checked)).toEqual(['test']);
  });

  everyTime('when its time is used up', async () => {
    await selected([{ ...ONE_ITERATION[0]!, delay_ms: 60_000 }], { config: '[loop]\nmax_minutes = 0.01' });
    expect(await loop()).toMatchObject({ passed: false, reason: 'budget' });
  });

  inDepth('when the money is spent, where the agents tell what they cost', async () => {
    await selected([], { config: '[loop]\nmax_cost_usd = 0.5' });
    const implementation = (request: AgentRequest) => {
      expect(request.maxCostUsd).toBe(0.5);
      fs.writeFileSync(path.join(fixtureRepo.top, 'a.txt'), 'a');
      return Promise.resolve({
        ok: true as const,
        text: 'done',
        usage: { durationMs: 1, costUsd: 0.6, tokens: 10, sessionId: 's1' },
      });
    };
    expect(await loop({}, { agents: { implementation } })).toMatchObject({ passed: false, reason: 'budget' });
    expect(json(iter(1, 'timing.json'))).toMatchObject({ cost_usd: 0.6, tokens: 10, session_id: 's1' });
  });

  inDepth('with what a call has cost on disk, though it was cancelled', async () => {
    await selected([]);
    const abort = new AbortController();
    const implementation = (): Promise<AgentResult> => {
      abort.abort();
      return Promise.resolve({
        ok: false,
        failure: 'cancelled',
        message: 'stopped',
        usage: { durationMs: 1, costUsd: 0.6, tokens: 10, sessionId: 's1' },
      });
    };
    expect(await loop({}, { agents: { implementation }, signal: abort.signal })).toMatchObject({ reason: 'cancelled' });
    expect(json(iter(1, 'timing.json'))).toMatchObject({ cost_usd: 0.6, tokens: 10, session_id: 's1' });
  });

  everyTime('throws instead of returning as long as nothing was written', async () => {
    await at(ONE_ITERATION);
    await expect(loop()).rejects.toMatchObject({ code: 'STEP_NOT_SELECTED' });
    await select(fixtureRepo, project);
    const before = stateOf(fixtureRepo);
    await expect(loop({ maxIterations: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 9 })),
    ).rejects.toMatchObject({
      code: 'STEP_NOT_FOUND',
    });
    fs.writeFileSync(fixtureRepo.paths.config, '');
    await expect(loop()).rejects.toMatchObject({ code: 'NEEDS_PERSON' });
    fs.writeFileSync(fixtureRepo.paths.config, '[task_models]\nimplementation = { provider = "replay" }\n');
    await expect(loop()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(stateOf(fixtureRepo)).toEqual({
      ...before,
      'config.toml': fs.readFileSync(fixtureRepo.paths.config, 'utf8'),
    });
  });
});

describe('a loop', () => {
  everyTime('lets a person do what nobody else is configured for', async () => {
    await selected([]);
    fs.writeFileSync(fixtureRepo.paths.config, '');
    const asked: string[] = [];
    const person = {
      answer: (request: AgentRequest) => {
        asked.push(request.task);
        if (request.access === 'edit') fs.writeFileSync(path.join(fixtureRepo.top, 'by-hand.txt'), 'x');
        return Promise.resolve(request.access === 'edit' ? 'done' : verdict(true));
      },
    };
    expect(await loop({}, { person })).toMatchObject({ passed: true, iterations: 1 });
    expect(asked).toEqual(['implementation', 'implementation_review']);
    expect(await loop({}, { person: { answer: () => Promise.resolve(null) } })).toMatchObject({
      passed: false,
      reason: 'cancelled',
    });
  });

  everyTime('asks once more for a verdict that cannot be read, and stays shut when that fails too', async () => {
    const [implementation, review] = ONE_ITERATION;
    await selected([
      implementation!,
      { ...review!, answer: 'Looks good to me!' },
      { ...review!, attempt: 2, answer: verdict(true) },
    ]);
    expect(await loop()).toMatchObject({ passed: true });
    removeFixtureRepo(fixtureRepo);
    await selected([
      implementation!,
      { ...review!, answer: 'Looks good to me!' },
      { ...review!, attempt: 2, answer: 'Really.' },
    ]);
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false, reason: 'max_iterations' });
    expect(lines(fixtureRepo.calls)).toEqual([
      'implementation 1',
      'implementation_review 1',
      'implementation_review 2',
    ]);
    expect(gateOf(1)).toEqual({
      diff_nonempty: true,
      checks_passed: true,
      review_ended: false,
      verdict_passed: false,
      no_blockers: false,
      criteria_met: false,
    });
  });

  inDepth('waits as long as a rate limit says, visibly, and does not count the call as an attempt', async () => {
    await selected(ONE_ITERATION);
    const messages: string[] = [];
    let refused = 0;
    const implementation = async (request: AgentRequest): Promise<AgentResult> => {
      if (refused++ < 2)
        return { ok: false, failure: 'rate_limit', message: 'slow down', retryAfterMs: 40, usage: { durationMs: 1 } };
      return (await project.agent('implementation')).run(request);
    };
    expect(
      await loop(
        {},
        {
          agents: { implementation },
          report: ({ message }) => {
            messages.push(message);
          },
        },
      ),
    ).toMatchObject({ passed: true });
    expect(lines(fixtureRepo.calls)).toEqual([
      'implementation 1 rate_limit',
      'implementation 1 rate_limit',
      'implementation 1',
      'implementation_review 1',
    ]);
    expect(messages.filter((message) => /rate limit, next try in 1 s/u.test(message)).length).toBeGreaterThanOrEqual(2);
  });

  inDepth('gives up on a rate limit that never ends, and can be cancelled while it waits', async () => {
    await selected(ONE_ITERATION);
    const limited = (retryAfterMs?: number) => (): Promise<AgentResult> =>
      Promise.resolve({
        ok: false,
        failure: 'rate_limit',
        message: 'slow down',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        usage: { durationMs: 1 },
      });
    const tuned = await operate(
      fixtureRepo,
      project,
      (op) => runLoop(op, { run: fixtureRepo.run, step: 1 }, { backoffMs: 1 }),
      {
        agents: { implementation: limited() },
      },
    );
    expect(tuned).toMatchObject({ reason: 'agent_failed', message: 'slow down' });
    expect(lines(fixtureRepo.calls)).toHaveLength(7);
    const abort = new AbortController();
    const report = ({ message }: OperationProgress): void => {
      if (message.includes('rate limit')) abort.abort();
    };
    expect(
      await loop({}, { agents: { implementation: limited(3_600_000) }, report, signal: abort.signal }),
    ).toMatchObject({ reason: 'cancelled' });
  });

  inDepth.each([0, 1])('gives up as soon when the limit tells to wait %i ms each time', async (retryAfterMs) => {
    await selected(ONE_ITERATION);
    const implementation = (): Promise<AgentResult> =>
      Promise.resolve({
        ok: false,
        failure: 'rate_limit',
        message: 'slow down',
        retryAfterMs,
        usage: { durationMs: 1 },
      });
    expect(
      await operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1 }, { backoffMs: 1 }), {
        agents: { implementation },
      }),
    ).toMatchObject({ reason: 'agent_failed' });
    expect(lines(fixtureRepo.calls)).toHaveLength(7);
  });

  everyTime('keeps the gate shut when the reviewer edits, and says what changed', async () => {
    const [implementation, review] = ONE_ITERATION;
    await selected([implementation!, { ...review!, edits: [{ path: 'sneaky.txt', content: 'x' }] }]);
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    const failed = gateFailures(1);
    expect(failed.map((each) => each.condition)).toEqual(['review_left_tree']);
    expect(failed[0]?.why).toContain('sneaky.txt');
  });

  inDepth('leaves waived issues out of the fix and lets the gate pass without them', async () => {
    const minor = { severity: 'major', file: 'src/add.mjs', hint: 'Name it sum.', maps_to: null };
    await selected([
      ...TWO_ITERATIONS.slice(0, 1),
      { ...TWO_ITERATIONS[1]!, answer: verdict(false, [BLOCKER, minor]) },
      TWO_ITERATIONS[2]!,
      { ...TWO_ITERATIONS[3]!, answer: verdict(false, [minor]) },
    ]);
    await loop({ maxIterations: 1 });
    const issues = json(iter(1, 'issues.json'))['issues'] as { id: string; hint: string }[];
    const waive = (issue: string) =>
      operate(fixtureRepo, project, (op) =>
        waiveIssue(op, { run: fixtureRepo.run, step: 1, issue, reason: 'the name is fine' }),
      );
    expect(await waive(issues[1]!.id)).toMatchObject({ iteration: 1, pass: false });
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: true, iterations: 2 });
    const fix = fs.readFileSync(path.join(stepRoot(), 'prompt', 'fix.iter01.md'), 'utf8');
    expect(fix).toContain(BLOCKER.hint);
    expect(fix).not.toContain('Name it sum');
    expect(json(iter(2, 'status.json'))).toMatchObject({
      pass: true,
      waivers: [{ id: issues[1]!.id, reason: 'the name is fine' }],
    });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'passed',
      iterations: [{}, { issues: { waived: 1, open: 0 } }],
    });
  });

  inDepth('saves unsaved editors before each phase that reads the tree', async () => {
    await selected(ONE_ITERATION);
    let asked = 0;
    await loop({
      beforeReadingTree: () => {
        asked++;
        return Promise.resolve();
      },
    });
    expect(asked).toBeGreaterThanOrEqual(2);
  });

  inDepth(
    'judges by the tree as it is when it was changed before a resume, without asking the implementer again',
    async () => {
      await selected(ONE_ITERATION.slice(0, 1));
      await loop();
      record(fixtureRepo, ONE_ITERATION);
      fs.writeFileSync(path.join(fixtureRepo.top, 'more.txt'), 'by hand');
      expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
      expect(fs.readFileSync(iter(1, 'diff.patch'), 'utf8')).toContain('more.txt');
      expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
      expect(lines(fixtureRepo.calls).filter((call) => call.startsWith('implementation '))).toEqual([
        'implementation 1',
      ]);
    },
  );
});

function gateFailures(n: number): { condition: string; ok: boolean; why: string }[] {
  return (json(iter(n, 'status.json'))['gate'] as { condition: string; ok: boolean; why: string }[]).filter(
    (each) => !each.ok,
  );
}

function gateOf(n: number): Record<string, boolean> {
  return Object.fromEntries(
    (json(iter(n, 'status.json'))['gate'] as { condition: string; ok: boolean }[]).map((each) => [
      each.condition,
      each.ok,
    ]),
  );
}
