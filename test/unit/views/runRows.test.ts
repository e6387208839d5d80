import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { newRunId, type RunId } from '../../../src/core/artifacts/runIds';
import type { Project } from '../../../src/core/project';
import { planImport } from '../../../src/core/runs/importPlan';
import { ShownRuns } from '../../../src/core/runs/shownRuns';
import { startRun } from '../../../src/core/runs/start';
import { skipStep } from '../../../src/core/steps/requests';
import type { LockView } from '../../../src/platform/lockService';
import type { Repository } from '../../../src/platform/repositories';
import { stepNodes } from '../../../src/views/model';
import { RunRows } from '../../../src/views/runRows';
import { PLAN } from '../../support/recordings';
import { until } from '../../support/run';
import { makeRun, operate } from '../core/runs/support';

interface World {
  readonly project: Project;
  readonly runId: RunId;
  readonly other: RunId;
  readonly rows: RunRows;
  /** Lets the clock go on, by ms. */
  readonly pass: (ms: number) => void;
  readonly hold: (view: LockView) => void;
}

/** Two shown runs; the one that is named has a plan and is unfolded. */
async function world(): Promise<World> {
  const { project, runId, spec } = await makeRun();
  await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
  const { runId: other } = await startRun(project, { spec, name: 'other' });
  const locks = { view: { kind: 'free' } as LockView };
  const began = Date.now();
  let passed = 0;
  const repository = { project, locks, runs: new ShownRuns(project) } as unknown as Repository;
  const rows = new RunRows(repository, () => began + passed);
  await rows.page();
  await rows.unfold(runId);
  await until('nothing to differ', async () => (await rows.changed())?.length === 0);
  return {
    project,
    runId,
    other,
    rows,
    pass: (ms) => {
      passed += ms;
    },
    hold: (view) => {
      locks.view = view;
    },
  };
}

const names = (changed: Awaited<ReturnType<RunRows['changed']>>): readonly string[] | null =>
  changed && changed.map(({ runId }) => runId);

test('a change of one run is told for its row alone, which stays the object that the view knows', async () => {
  const { project, runId, rows } = await world();
  const [known] = (await rows.page()).runs.filter((node) => node.runId === runId);
  await operate(project, runId, (op) => skipStep(op, { run: runId, step: 2 }));
  const changed = await rows.changed();
  expect(names(changed)).toEqual([runId]);
  expect(changed?.[0]).toBe(known);
  expect((await rows.unfold(runId)).steps.map(({ state }) => state)).toEqual(['not-selected', 'skipped']);
  await until('nothing to differ', async () => (await rows.changed())?.length === 0);
  expect((await rows.page()).runs.find((node) => node.runId === runId)).toBe(known);
});

test('only the touched runs are looked at', async () => {
  const { project, runId, other, rows } = await world();
  for (const id of [runId, other]) fs.appendFileSync(project.paths.run(id).meta, '\n');
  expect(names(await rows.changed(new Set()))).toEqual([]);
  expect(names(await rows.changed(new Set([other])))).toEqual([other]);
  expect(names(await rows.changed())).toContain(runId);
});

test('the row says at once what has changed', async () => {
  const { project, other, rows } = await world();
  fs.writeFileSync(project.paths.run(other).meta, '{');
  const [row] = (await rows.changed(new Set([other]))) ?? [];
  expect(row).toMatchObject({ runId: other, state: 'damaged' });
});

test('what is below a row that was never unfolded does not matter to it', async () => {
  const { project, other, rows } = await world();
  fs.mkdirSync(project.paths.run(other).steps, { recursive: true });
  expect(names(await rows.changed(new Set([other])))).toEqual([]);
});

test('a new run and a removed one are told as another list', async () => {
  const { project, other, rows } = await world();
  fs.mkdirSync(project.paths.run(newRunId(new Date(), 'late')).root);
  expect(await rows.changed()).toBeNull();
  expect((await rows.page()).runs).toHaveLength(3);
  fs.rmSync(project.paths.run(other).root, { recursive: true });
  expect(await rows.changed()).toBeNull();
});

test('a page is shown first, and one run more than it is only said to be there', async () => {
  const { project, rows } = await world();
  for (let n = 0; n < 50; n++) fs.mkdirSync(project.paths.run(newRunId(new Date(2020, 0, 1, 0, 0, n), 'old')).root);
  const first = await rows.page();
  expect([first.runs.length, first.more]).toEqual([50, true]);
  rows.showMore();
  const second = await rows.page();
  expect([second.runs.length, second.more]).toEqual([52, false]);
  expect(second.runs.slice(0, 50)).toEqual(first.runs);
});

test('a lock that is taken for a step, or left, is told for the run of the step', async () => {
  const { runId, other, rows, hold } = await world();
  const held = (run: RunId, step: number): LockView =>
    ({ kind: 'held', where: 'other', holder: { run_id: run, step, operation: 'step loop' } }) as unknown as LockView;
  hold(held(runId, 2));
  const [row] = (await rows.changed(new Set())) ?? [];
  expect(row?.runId).toBe(runId);
  expect(stepNodes(row!, (await rows.unfold(runId)).steps).map(({ state }) => state)).toEqual([
    'not-selected',
    'working',
  ]);
  expect(names(await rows.changed())).toEqual([]);
  hold(held(other, 1));
  expect(names(await rows.changed())?.toSorted()).toEqual([runId, other].toSorted());
  hold({ kind: 'free' });
  expect(names(await rows.changed())).toEqual([other]);
});

test('an age that reads otherwise is told, too', async () => {
  const { runId, other, rows, pass } = await world();
  pass(3 * 60_000);
  expect(names(await rows.changed())?.toSorted()).toEqual([runId, other].toSorted());
  pass(1);
  expect(names(await rows.changed())).toEqual([]);
});
