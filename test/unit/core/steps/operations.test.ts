import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { iterationRef } from '../../../../src/core/git/git';
import type { Operation, Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commitRun';
import {
  amendStep,
  pruneRefs,
  reviewIteration,
  skipStep,
  snapshot,
  writeFixPrompt,
} from '../../../../src/core/steps/requests';
import { resolveStep } from '../../../../src/core/steps/resolveStep';
import { keptStates, restoreStep } from '../../../../src/core/steps/restoreStep';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import {
  createFixtureRepo,
  type FixtureRepo,
  json,
  lines,
  record,
  removeFixtureRepo,
  stateOf,
} from './support/fixtureRepo';
import { operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const KEY = '01-add-the-numbers';
const inStep = (...rest: string[]): string => path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, KEY, ...rest);
const put = (file: string, text: string): void => {
  fs.writeFileSync(path.join(fixtureRepo.top, file), text);
};
const at = () => ({ run: fixtureRepo.run, step: 1 });
const act = <T>(body: (op: Operation) => Promise<T>): Promise<T> => operate(fixtureRepo, project, body);
const base = (): Promise<string> => git(fixtureRepo.top, 'rev-parse', `refs/weld/${fixtureRepo.run}/${KEY}/base`);

describe('select', () => {
  it('writes record, prompt and base, and a second one moves nothing', async () => {
    put('untracked.txt', 'here before');
    const index = fs.readFileSync(path.join(fixtureRepo.top, '.git', 'index'));
    const { path: prompt } = await select(fixtureRepo, project);
    expect(fs.readFileSync(prompt, 'utf8')).toMatch(/1\. It adds two numbers[\s\S]*2\. It refuses texts/u);
    expect(json(inStep('step.json'))).toMatchObject({
      n: 1,
      title: 'Add the numbers',
      slug: 'add-the-numbers',
      acceptance_criteria: ['It adds two numbers', 'It refuses texts'],
    });
    const first = await base();
    expect(await git(fixtureRepo.top, 'ls-tree', '-r', '--name-only', first)).toBe('README.md\nuntracked.txt');
    const before = stateOf(fixtureRepo);
    put('untracked.txt', 'changed');
    await select(fixtureRepo, project);
    expect(await base()).toBe(first);
    expect(stateOf(fixtureRepo)).toEqual(before);
    expect(fs.readFileSync(path.join(fixtureRepo.top, '.git', 'index'))).toEqual(index);
  });

  it('takes over a changed plan before the first iteration, not after', async () => {
    await select(fixtureRepo, project);
    const plan = fixtureRepo.paths.run(fixtureRepo.run).planRaw;
    fs.writeFileSync(
      plan,
      fs
        .readFileSync(plan, 'utf8')
        .replace('Add the numbers', 'Add all numbers')
        .replace('It refuses texts', 'It refuses words'),
    );
    await select(fixtureRepo, project);
    expect(json(inStep('step.json'))).toMatchObject({
      title: 'Add all numbers',
      acceptance_criteria: ['It adds two numbers', 'It refuses words'],
    });
    await act((op) => runLoop(op, at()));
    const before = stateOf(fixtureRepo);
    fs.writeFileSync(plan, fs.readFileSync(plan, 'utf8').replace('It refuses words', 'It refuses nothing'));
    await select(fixtureRepo, project);
    expect({ ...stateOf(fixtureRepo), [`runs/${fixtureRepo.run}/plan/plan.raw.md`]: '' }).toEqual({
      ...before,
      [`runs/${fixtureRepo.run}/plan/plan.raw.md`]: '',
    });
    expect(await act((op) => amendStep(op, at()))).toMatchObject({ changed: true });
    expect(json(inStep('step.json'))).toMatchObject({
      acceptance_criteria: ['It adds two numbers', 'It refuses nothing'],
    });
    expect(await act((op) => amendStep(op, at()))).toMatchObject({ changed: false });
  });

  it('refuses a step that the plan does not have', async () => {
    await expect(select(fixtureRepo, project, 7)).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
    fs.rmSync(fixtureRepo.paths.run(fixtureRepo.run).planRaw);
    await expect(select(fixtureRepo, project)).rejects.toMatchObject({ code: 'NO_PLAN' });
  });
});

describe('check now and review', () => {
  beforeEach(() => select(fixtureRepo, project));

  it('work for a person who types: check, check again, review', async () => {
    expect(await act((op) => snapshot(op, at()))).toMatchObject({
      iteration: 1,
      diffEmpty: true,
      checks: { all_passed: true },
    });
    put('by-hand.txt', 'x');
    expect(await act((op) => snapshot(op, at()))).toMatchObject({ iteration: 1, diffEmpty: false });
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'in-progress',
      iterations: [{ phase: 'review' }],
    });
    expect(await act((op) => reviewIteration(op, at()))).toMatchObject({ iteration: 1, pass: true, issues: [] });
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
    expect(lines(fixtureRepo.calls)).toEqual(['implementation_review 1']);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'passed' });
  });

  it('never write a finished iteration again', async () => {
    put('by-hand.txt', 'x');
    await act((op) => reviewIteration(op, at()));
    const before = stateOf(fixtureRepo);
    await expect(act((op) => snapshot(op, { ...at(), iteration: 1 }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(act((op) => reviewIteration(op, { ...at(), iteration: 5 }))).rejects.toMatchObject({
      code: 'ITERATION_NOT_FOUND',
    });
    expect(stateOf(fixtureRepo)).toEqual(before);
    expect(await act((op) => snapshot(op, at()))).toMatchObject({ iteration: 2 });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'in-progress' });
  });

  it('fail as errors when the reviewer does', async () => {
    record(fixtureRepo, []);
    put('by-hand.txt', 'x');
    await expect(act((op) => reviewIteration(op, at()))).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    fs.writeFileSync(fixtureRepo.paths.config, '');
    await expect(act((op) => reviewIteration(op, at()))).rejects.toMatchObject({ code: 'NEEDS_PERSON' });
  });
});

describe('an untracked file that is large or looks secret', () => {
  inDepth('is named by each operation that leaves it out, until the person adds it to git', async () => {
    put('.env', 'KEY=1');
    put('big', 'x'.repeat(1_000_001));
    const leftOut = ['.env', 'big'];
    expect(await select(fixtureRepo, project)).toMatchObject({ leftOut });
    expect(await act((op) => snapshot(op, at()))).toMatchObject({ diffEmpty: true, leftOut });
    expect(await act((op) => runLoop(op, { ...at(), maxIterations: 1 }))).toMatchObject({ passed: true, leftOut });
    expect(await act((op) => commitRun(op, { runId: fixtureRepo.run, message: 'Work', all: true }))).toMatchObject({
      leftOut,
    });
    await git(fixtureRepo.top, 'add', '--intent-to-add', '.env');
    await git(fixtureRepo.top, 'add', 'big');
    expect(await select(fixtureRepo, project)).not.toHaveProperty('leftOut');
    expect(await git(fixtureRepo.top, 'ls-tree', '-r', '--name-only', await base())).toMatch(/^\.env$[\s\S]*^big$/mu);
    put('.env', 'KEY=2');
    const checked = await act((op) => snapshot(op, at()));
    expect(checked).toMatchObject({ diffEmpty: false });
    expect(checked).not.toHaveProperty('leftOut');
    const committed = await act((op) =>
      commitRun(op, { runId: fixtureRepo.run, message: 'More', all: true, force: true }),
    );
    expect(committed).not.toHaveProperty('leftOut');
    expect(await git(fixtureRepo.top, 'show', 'HEAD:.env')).toBe('KEY=2');
  });
});

describe('waive', () => {
  beforeEach(async () => {
    record(fixtureRepo, TWO_ITERATIONS);
    await select(fixtureRepo, project);
    await act((op) => runLoop(op, { ...at(), maxIterations: 1 }));
  });
  const issues = (): { id: string; waived?: unknown }[] =>
    json(inStep('iter', '01', 'issues.json'))['issues'] as { id: string }[];

  it('opens the gate for the issue, keeps the reason, and can be taken back', async () => {
    const [issue] = issues();
    expect(
      await act((op) => waiveIssue(op, { ...at(), issue: issue!.id, reason: 'never called with texts' })),
    ).toMatchObject({ pass: true });
    expect(issues()[0]?.waived).toMatchObject({ reason: 'never called with texts' });
    expect(fs.existsSync(inStep('completed'))).toBe(true);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'passed' });
    expect(await act((op) => waiveIssue(op, { ...at(), issue: issue!.id, reason: '', undo: true }))).toMatchObject({
      pass: false,
    });
    expect(fs.existsSync(inStep('completed'))).toBe(false);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  it('does not open it when other evidence is damaged', async () => {
    fs.truncateSync(inStep('iter', '01', 'diff.patch'), 10);
    expect(await act((op) => waiveIssue(op, { ...at(), issue: issues()[0]!.id, reason: 'fine' }))).toMatchObject({
      pass: false,
    });
  });

  it('needs an issue and a reason', async () => {
    await expect(act((op) => waiveIssue(op, { ...at(), issue: issues()[0]!.id, reason: ' ' }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(act((op) => waiveIssue(op, { ...at(), issue: 'nope', reason: 'x' }))).rejects.toMatchObject({
      code: 'ISSUE_NOT_FOUND',
    });
  });
});

describe('the rest', () => {
  it('fix prompt: lists what is wrong, and refuses when nothing is', async () => {
    await select(fixtureRepo, project);
    await expect(act((op) => writeFixPrompt(op, at()))).rejects.toMatchObject({ code: 'ITERATION_NOT_FOUND' });
    record(fixtureRepo, TWO_ITERATIONS);
    await act((op) => runLoop(op, { ...at(), maxIterations: 1 }));
    const { path: file, iteration } = await act((op) => writeFixPrompt(op, at()));
    expect(iteration).toBe(1);
    expect(fs.readFileSync(file, 'utf8')).toMatch(new RegExp(`${BLOCKER.hint}.*It refuses texts`, 'u'));
  });

  it('skip: is a state of its own, with its reason, and can be taken back', async () => {
    await act((op) => skipStep(op, { run: fixtureRepo.run, step: 2, reason: 'not needed' }));
    expect(await readStepState(project, fixtureRepo.run, 2)).toMatchObject({ state: 'skipped' });
    expect(
      fs.readFileSync(path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '02-second', 'skipped'), 'utf8'),
    ).toContain('not needed');
    await act((op) => skipStep(op, { run: fixtureRepo.run, step: 2, undo: true }));
    expect(await readStepState(project, fixtureRepo.run, 2)).toMatchObject({ state: 'not-selected' });
    await act((op) => skipStep(op, { run: fixtureRepo.run, step: 2 }));
    await select(fixtureRepo, project, 2);
    expect(await readStepState(project, fixtureRepo.run, 2)).toMatchObject({ state: 'selected' });
  });

  it('restore: shows what changes, keeps the present state, leaves ignored files, and can be undone', async () => {
    put('.gitignore', 'ignored.txt\n');
    await select(fixtureRepo, project);
    record(fixtureRepo, TWO_ITERATIONS);
    await act((op) => runLoop(op, at()));
    put('ignored.txt', 'mine');
    put('new.txt', 'typed after');
    const index = fs.readFileSync(path.join(fixtureRepo.top, '.git', 'index'));
    const seen: string[][] = [];
    const to = { ...at(), to: { iteration: 1 } };
    const no = await act((op) =>
      restoreStep(op, {
        ...to,
        confirm: (changed) => {
          seen.push(changed.map((file) => file.path));
          return Promise.resolve(false);
        },
      }),
    );
    expect(no).toMatchObject({ restored: false, kept: null });
    expect(seen).toEqual([['new.txt', 'src/add.mjs']]);
    expect(fs.readFileSync(path.join(fixtureRepo.top, 'src/add.mjs'), 'utf8')).toContain('Number(a)');
    const yes = await act((op) => restoreStep(op, to));
    expect(yes).toMatchObject({ restored: true, kept: 1 });
    expect(await keptStates(project, await resolveStep(project, fixtureRepo.run, 1))).toEqual([1]);
    expect(fs.readFileSync(path.join(fixtureRepo.top, 'src/add.mjs'), 'utf8')).toBe(
      'export const add = (a, b) => a + b;\n',
    );
    expect(fs.existsSync(path.join(fixtureRepo.top, 'new.txt'))).toBe(false);
    expect(fs.readFileSync(path.join(fixtureRepo.top, 'ignored.txt'), 'utf8')).toBe('mine');
    await act((op) => restoreStep(op, { ...at(), to: { kept: 1 } }));
    expect(fs.readFileSync(path.join(fixtureRepo.top, 'new.txt'), 'utf8')).toBe('typed after');
    await act((op) => restoreStep(op, { ...at(), to: 'base' }));
    expect(fs.existsSync(path.join(fixtureRepo.top, 'src/add.mjs'))).toBe(false);
    expect(fs.readFileSync(path.join(fixtureRepo.top, '.git', 'index'))).toEqual(index);
    await expect(act((op) => restoreStep(op, { ...at(), to: { iteration: 9 } }))).rejects.toMatchObject({
      code: 'ITERATION_NOT_FOUND',
    });
  });

  it('prune: drops the trees of the run and no other', async () => {
    await select(fixtureRepo, project);
    const other = 'refs/weld/20260105-120000-sample-other/01-x/base';
    await git(fixtureRepo.top, 'update-ref', other, await base());
    const two = (await select(fixtureRepo, project, 2), `refs/weld/${fixtureRepo.run}/02-second/base`);
    await act(async (op) => {
      await pruneRefs(op, fixtureRepo.run, [(await readStepState(project, fixtureRepo.run, 1)).key]);
    });
    expect((await git(fixtureRepo.top, 'for-each-ref', '--format=%(refname)', 'refs/weld')).split('\n').sort()).toEqual(
      [other, two].sort(),
    );
    await act((op) => pruneRefs(op, fixtureRepo.run));
    expect(await git(fixtureRepo.top, 'for-each-ref', '--format=%(refname)', 'refs/weld')).toBe(other);
    expect(iterationRef(fixtureRepo.run, KEY, 1)).toMatch(/\/01$/u);
  });
});
