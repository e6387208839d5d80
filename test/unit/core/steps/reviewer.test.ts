import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { AgentResult } from '../../../../src/core/agents/agent';
import type { Project } from '../../../../src/core/project';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { everyTime, inDepth } from '../../../support/deep';
import { type Answer, verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import { bundled } from './support/bundle';
import { createFixtureRepo, type FixtureRepo, json, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

async function selected(answers: readonly Answer[]): Promise<void> {
  fixtureRepo = await createFixtureRepo(answers);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
}
const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const iter = (n: number, file: string): string =>
  path.join(
    fixtureRepo.paths.run(fixtureRepo.run).steps,
    '01-add-the-numbers',
    'iter',
    String(n).padStart(2, '0'),
    file,
  );
const failing = (n: number): string[] =>
  (json(iter(n, 'status.json'))['gate'] as { ok: boolean; why: string }[])
    .filter((each) => !each.ok)
    .map((each) => each.why);
const write = (name: string, text = 'x'): void => {
  fs.writeFileSync(path.join(fixtureRepo.top, name), text);
};
const passing: AgentResult = { ok: true, text: verdict(true), usage: { durationMs: 1 } };

describe('a reviewer that edits keeps the gate shut', () => {
  const stopped: AgentResult = { ok: false, failure: 'cancelled', message: 'stopped', usage: { durationMs: 1 } };

  everyTime('also when it is cancelled and the loop resumed', async () => {
    await selected(ONE_ITERATION);
    const abort = new AbortController();
    const sneaky = (): Promise<AgentResult> => {
      write('sneaky.txt');
      abort.abort();
      return Promise.resolve(stopped);
    };
    expect(await loop({}, { signal: abort.signal, agents: { implementation_review: sneaky } })).toMatchObject({
      reason: 'cancelled',
    });
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: false, reason: 'max_iterations' });
    expect(failing(1)).toEqual(['files changed while the reviewer was at work: sneaky.txt']);
  });

  inDepth('also when Weld is killed with it', async () => {
    await selected(ONE_ITERATION);
    const killed = spawnSync(
      process.execPath,
      [bundled('crash'), JSON.stringify(fixtureRepo), bundledSupervisor(), 'after editing in the review'],
      { encoding: 'utf8', timeout: 100_000 },
    );
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: false, reason: 'max_iterations' });
    expect(failing(1)[0]).toContain('sneaky.txt');
  });

  everyTime('also in files that no tree holds', async () => {
    await selected(ONE_ITERATION);
    write('.env', 'KEY=1');
    const sneaky = (): Promise<AgentResult> => {
      write('.env', 'KEY=other');
      return Promise.resolve(passing);
    };
    expect(await loop({ maxIterations: 1 }, { agents: { implementation_review: sneaky } })).toMatchObject({
      passed: false,
    });
    expect(failing(1)).toEqual(['files changed while the reviewer was at work: .env']);
  });
});

describe('a verdict', () => {
  inDepth('that breaks its form is none, whatever stands in the text before it', async () => {
    await selected(ONE_ITERATION);
    const answer: AgentResult = { ...passing, ok: true, structured: 'not an object' };
    expect(
      await loop({ maxIterations: 1 }, { agents: { implementation_review: () => Promise.resolve(answer) } }),
    ).toMatchObject({ passed: false, reason: 'max_iterations' });
    expect(json(iter(1, 'issues.json'))).toMatchObject({ pass: false, unreadable: expect.any(String) as string });
  });
});

describe('a waiver', () => {
  inDepth('that was taken back holds no more, though an older iteration has it', async () => {
    const blocker = verdict(false, [BLOCKER]);
    const edit = (task: Answer['task'], attempt: number): Answer => ({
      task,
      step: 1,
      attempt,
      answer: 'x',
      edits: [{ path: 'src/add.mjs', content: `${task}\n` }],
    });
    const review = (attempt: number): Answer => ({ task: 'implementation_review', step: 1, attempt, answer: blocker });
    await selected([
      TWO_ITERATIONS[0]!,
      review(1),
      edit('implementation', 2),
      review(2),
      edit('fix_generation', 1),
      review(3),
    ]);
    const waive = (more: { iteration?: number; undo?: boolean }) =>
      operate(fixtureRepo, project, async (op) =>
        waiveIssue(op, { run: fixtureRepo.run, step: 1, issue, reason: 'fine', ...more }),
      );
    await loop({ maxIterations: 1 });
    const issue = (json(iter(1, 'issues.json'))['issues'] as { id: string }[])[0]?.id ?? '';
    await waive({});
    // The waiver opens the gate at once, but another iteration was requested.
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: true, iterations: 2 });
    expect(await waive({ undo: true })).toMatchObject({ iteration: 2, pass: false });
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false, iterations: 3 });
    expect(json(iter(3, 'status.json'))).toMatchObject({ pass: false, blocker_count: 1 });
  });
});
