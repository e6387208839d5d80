import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openProject } from '../../../../src/core/openProject';
import type { Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { nextStep } from '../../../../src/core/runs/nextStep';
import { acceptancesOf, acceptPasses, unacceptPasses } from '../../../../src/core/steps/accept';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { listSteps, readStepState } from '../../../../src/core/steps/state/read';
import { silentLogger } from '../../../../src/core/util/logger';
import { git } from '../../../support/git';
import { verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { createFixtureRepo, type FixtureRepo, json, record, removeFixtureRepo } from './support/fixtureRepo';
import { operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
let copy = '';
const folder = (key: string): string => path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, key, 'iter', '01');
const SECOND = [
  {
    task: 'implementation',
    step: 2,
    attempt: 1,
    answer: 'Done.',
    edits: [{ path: 'second.txt', content: 'second\n' }],
  },
  { task: 'implementation_review', step: 2, attempt: 1, answer: verdict(true) },
] as const;

/** A run in which both steps have passed. */
beforeAll(async () => {
  fixtureRepo = await createFixtureRepo([...ONE_ITERATION, ...SECOND]);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  for (const step of [1, 2]) {
    await select(fixtureRepo, project, step);
    expect(await operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step }))).toMatchObject({
      passed: true,
    });
  }
  copy = `${fixtureRepo.home}-copy`;
  fs.renameSync(fixtureRepo.home, copy);
});
beforeEach(() => {
  fs.cpSync(copy, fixtureRepo.home, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});
afterAll(() => {
  fs.rmSync(copy, { recursive: true, force: true });
});

/** The same run on another machine, which did not make it. */
const elsewhere = (): Promise<Project> =>
  openProject(fixtureRepo.top, {
    log: silentLogger,
    supervisorPath: bundledSupervisor(),
    storage: path.join(fixtureRepo.home, 'another machine'),
  });
/** The run as Weld 0.1 leaves it: no format in its progress, and no seal. */
function by01(): void {
  fs.rmSync(path.join(fixtureRepo.home, 'storage'), { recursive: true });
  for (const key of ['01-add-the-numbers', '02-second']) {
    const file = path.join(folder(key), 'progress.json');
    const { done, tree, epoch, iteration, updated_at, digests, review, checked_tree } = json(file);
    fs.writeFileSync(file, JSON.stringify({ iteration, done, tree, epoch, updated_at, digests, review, checked_tree }));
  }
}
const states = async (where: Project): Promise<string[]> =>
  (await listSteps(where, fixtureRepo.run)).map(({ state }) => state);
const accept = (where: Project, step?: number, reason = 'seen by me') =>
  operate(fixtureRepo, where, (op) => acceptPasses(op, { run: fixtureRepo.run, step, reason }));
const unaccept = (where: Project, step?: number) =>
  operate(fixtureRepo, where, (op) => unacceptPasses(op, { run: fixtureRepo.run, step }));
const commit = (where: Project) =>
  operate(fixtureRepo, where, (op) => commitRun(op, { runId: fixtureRepo.run, message: 'Work', all: true }));

describe('a pass that this Weld has not made', () => {
  it('on another machine does not count, says why, and is not committed', async () => {
    const other = await elsewhere();
    expect(await states(other)).toEqual(['passed-elsewhere', 'passed-elsewhere']);
    expect((await readStepState(other, fixtureRepo.run, 1)).why).toBe(
      'this Weld has not seen how this iteration passed, so that it does not count until a person accepts it.',
    );
    await expect(commit(other)).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    expect(await nextStep(other, fixtureRepo.run)).toMatchObject({ kind: 'step-accept', step: 1 });
    expect(await states(project)).toEqual(['passed', 'passed']);
  });

  it('is worked on again by a loop, also by one that goes on', async () => {
    const other = await elsewhere();
    record(fixtureRepo, [
      ...ONE_ITERATION,
      { task: 'implementation', step: 1, attempt: 2, answer: 'More.' },
      { task: 'implementation_review', step: 1, attempt: 2, answer: verdict(true) },
    ]);
    expect(
      await operate(fixtureRepo, other, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume: true })),
    ).toMatchObject({
      passed: true,
      iterations: 2,
    });
    expect(await readStepState(other, fixtureRepo.run, 1)).toMatchObject({
      state: 'passed',
      iterations: [{ state: 'passed-elsewhere' }, { state: 'passed' }],
    });
  });

  it('counts as soon as a person accepts it with a reason, until that is taken back', async () => {
    const other = await elsewhere();
    await expect(accept(other, 1, '  ')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await accept(other, 1)).toEqual({ accepted: [1] });
    expect(await states(other)).toEqual(['passed', 'passed-elsewhere']);
    expect(acceptancesOf(await listSteps(other, fixtureRepo.run))).toEqual([
      { step: 1, was: 'passed-elsewhere', reason: 'seen by me' },
    ]);
    await expect(accept(other, 1)).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    expect(
      await operate(fixtureRepo, other, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume: true })),
    ).toMatchObject({
      passed: true,
      iterations: 1,
      message: expect.stringContaining('already') as string,
    });
    await unaccept(other, 1);
    expect(await states(other)).toEqual(['passed-elsewhere', 'passed-elsewhere']);
    expect(await accept(other)).toEqual({ accepted: [1, 2] });
    expect(await commit(other)).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/u) as string });
    const said = await git(fixtureRepo.top, 'log', '-1', '--format=%(trailers:key=Weld-Accepted)');
    expect(said.trim().split('\n')).toEqual([
      expect.stringMatching(/^Weld-Accepted: .*1.*seen by me/u),
      expect.stringMatching(/^Weld-Accepted: .*2.*seen by me/u),
    ]);
  });

  it('counts no longer when it changes after it was accepted', async () => {
    const other = await elsewhere();
    await accept(other);
    fs.appendFileSync(path.join(folder('01-add-the-numbers'), 'review.md'), 'More.\n');
    expect(await states(other)).toEqual(['changed-since', 'passed']);
    await unaccept(other);
    expect(await states(other)).toEqual(['damaged', 'passed-elsewhere']);
  });

  it('by Weld 0.1 is called so, and one word accepts all of it', async () => {
    by01();
    expect(await states(project)).toEqual(['passed-by-0.1', 'passed-by-0.1']);
    await expect(commit(project)).rejects.toMatchObject({
      code: 'STEP_NOT_PASSED',
      message: expect.stringContaining('Weld 0.1') as string,
    });
    expect(await accept(project)).toEqual({ accepted: [1, 2] });
    expect(await states(project)).toEqual(['passed', 'passed']);
    expect(await accept(project)).toEqual({ accepted: [] });
    await unaccept(project);
    expect(await states(project)).toEqual(['passed-by-0.1', 'passed-by-0.1']);
  });

  it('changed since it passed is accepted as it is now', async () => {
    fs.appendFileSync(path.join(folder('02-second'), 'review.md'), 'More.\n');
    expect(await states(project)).toEqual(['passed', 'changed-since']);
    expect(await accept(project, 2)).toEqual({ accepted: [2] });
    expect(await states(project)).toEqual(['passed', 'passed']);
    expect(acceptancesOf(await listSteps(project, fixtureRepo.run))).toMatchObject([{ step: 2, was: 'changed-since' }]);
  });

  it('is none where the step has not passed at all', async () => {
    await expect(accept(project, 1)).rejects.toMatchObject({
      code: 'STEP_NOT_PASSED',
      message: expect.stringContaining('counts already') as string,
    });
    await expect(accept(project, 9)).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
    const file = path.join(folder('01-add-the-numbers'), 'status.json');
    fs.writeFileSync(file, JSON.stringify({ ...json(file), pass: false }));
    fs.rmSync(path.join(fixtureRepo.home, 'storage'), { recursive: true });
    await expect(accept(project, 1)).rejects.toMatchObject({
      code: 'STEP_NOT_PASSED',
      message: expect.stringContaining('has not passed') as string,
    });
  });
});
