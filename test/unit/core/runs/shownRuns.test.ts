import * as fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import type { Operation, Project } from '../../../../src/core/project';
import { updateMeta } from '../../../../src/core/runMeta';
import { planImport } from '../../../../src/core/runs/importPlan';
import { isFinished, readRun } from '../../../../src/core/runs/listRuns';
import { ShownRuns } from '../../../../src/core/runs/shownRuns';
import { abandonRun, startRun } from '../../../../src/core/runs/start';
import { acceptPasses } from '../../../../src/core/steps/accept';
import { skipStep, snapshot } from '../../../../src/core/steps/requests';
import { restoreStep } from '../../../../src/core/steps/restoreStep';
import { sealFile } from '../../../../src/core/steps/seals/chain';
import { selectStep } from '../../../../src/core/steps/select';
import { PLAN } from '../../../support/recordings';
import { until } from '../../../support/run';
import { makeRun, operate } from './support';

interface Shown {
  readonly project: Project;
  readonly runId: RunId;
  readonly other: RunId;
  readonly runs: ShownRuns;
  readonly act: (body: (op: Operation) => Promise<unknown>) => Promise<unknown>;
}

/** Two runs; the first has a plan of two steps, an iteration of step 1 and a commit. */
async function shown(): Promise<Shown> {
  const { project, runId, spec } = await makeRun({ checks: { test: 'true' } });
  const { runId: other } = await startRun(project, { spec, name: 'other' });
  const act = (body: (op: Operation) => Promise<unknown>): Promise<unknown> => operate(project, runId, body);
  await act(async (op) => {
    await planImport(op, { runId, markdown: PLAN });
    await selectStep(op, { run: runId, step: 1 });
    fs.writeFileSync(path.join(project.top, 'by-hand.txt'), 'x');
    await snapshot(op, { run: runId, step: 1 });
    await updateMeta(op, runId, null, () => ({
      commits: [{ sha: 'abc', steps: [2], committed_at: new Date(Date.now() - 60_000).toISOString() }],
    }));
  });
  return { project, runId, other, runs: new ShownRuns(project), act };
}

/** Waits until the run is kept: right after a change it is read each time. */
async function settle(runs: ShownRuns, ...ids: readonly RunId[]): Promise<void> {
  for (const id of ids)
    await until('the run to be kept', async () => {
      const [row, run] = [await runs.row(id), await runs.run(id)];
      return row === (await runs.row(id)) && run === (await runs.run(id));
    });
  await until('the list to be kept', async () => {
    const ids = await runs.ids();
    return ids === (await runs.ids());
  });
}

/** Gives a run the steps of one of the command-line Weld. @param root absolute path of the run's folder */
function putFixture(root: string): void {
  const meta = fs.readFileSync(path.join(root, 'meta.json'), 'utf8');
  fs.cpSync(path.resolve(import.meta.dirname, '../../../fixtures/runs/command-line'), root, { recursive: true });
  fs.writeFileSync(path.join(root, 'meta.json'), meta);
}

const READS = ['open', 'readdir', 'readFile', 'realpath', 'openSync', 'readdirSync', 'readFileSync'];

/**
 * @param kinds names of functions, by default those that open files and list folders
 * @returns what they were called with during the call
 */
async function readsDuring(call: () => Promise<unknown>, kinds: readonly string[] = READS): Promise<string[]> {
  const seen: string[] = [];
  const undo: (() => void)[] = [];
  const spy = (object: object, name: string): void => {
    const real = Reflect.get(object, name) as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]): unknown => {
      seen.push(String(args[0]));
      return real.apply(object, args);
    };
    Reflect.set(object, name, counting);
    undo.push(() => Reflect.set(object, name, real));
  };
  for (const name of kinds) for (const from of [fs.promises, fs]) if (name in from) spy(from, name);
  syncBuiltinESMExports();
  try {
    await call();
  } finally {
    for (const one of undo) one();
    syncBuiltinESMExports();
  }
  return seen;
}

test('nothing unchanged is read again, and a change of one run reads no other', async () => {
  const { project, runs, runId, other, act } = await shown();
  const look = async (): Promise<void> => {
    for (const id of await runs.ids()) await Promise.all([runs.row(id), runs.run(id)]);
  };
  expect((await readsDuring(look)).length).toBeGreaterThan(10);
  await settle(runs, runId, other);
  expect(await readsDuring(look)).toEqual([]);
  await act((op) => skipStep(op, { run: runId, step: 2 }));
  const reads = await readsDuring(look);
  expect(reads.some((file) => file.startsWith(project.paths.run(runId).root))).toBe(true);
  expect(reads.filter((file) => file.startsWith(project.paths.run(other).root))).toEqual([]);
  // An iteration that is the same as before is only counted.
  expect(reads.filter((file) => /[/\\]iter[/\\]01[/\\]/u.test(file))).toEqual([]);
});

test('an accepted pass shows, though the iteration is as it was', async () => {
  const { project, runId } = await makeRun();
  putFixture(project.paths.run(runId).root);
  const runs = new ShownRuns(project);
  await settle(runs, runId);
  const states = async (): Promise<unknown> => (await runs.run(runId)).steps.map(({ state }) => state);
  expect(await states()).toEqual(['passed-elsewhere', 'failed']);
  await operate(project, runId, (op) => acceptPasses(op, { run: runId, step: 1, reason: 'seen' }));
  expect(await states()).toEqual(['passed', 'failed']);
});

describe('every kind of change shows, in its own run alone', () => {
  const files = ({ project, runId }: Shown) => {
    const run = project.paths.run(runId);
    const [key = ''] = fs.readdirSync(run.steps);
    const step = path.join(run.steps, key);
    return { run, step, iteration: path.join(step, 'iter', '01') };
  };

  test.each<readonly [string, (world: Shown) => unknown]>([
    ['a file of the run', (world) => fs.appendFileSync(files(world).run.meta, '\n')],
    ['the plan', (world) => fs.appendFileSync(files(world).run.planRaw, '\n## Step 3: More\n\n### Goal\nMore.\n')],
    ['a selected step', ({ act, runId }) => act((op) => selectStep(op, { run: runId, step: 2 }))],
    ['a skipped step', ({ act, runId }) => act((op) => skipStep(op, { run: runId, step: 2 }))],
    ['one more iteration', ({ act, runId }) => act((op) => snapshot(op, { run: runId, step: 1 }))],
    ['a step restored', ({ act, runId }) => act((op) => restoreStep(op, { run: runId, step: 1, to: 'base' }))],
    ['an abandoned run', ({ act, runId }) => act((op) => abandonRun(op, { runId }))],
    [
      'evidence that is overwritten',
      (world) => fs.writeFileSync(path.join(files(world).iteration, 'status.json'), '{'),
    ],
    ['evidence that goes', (world) => fs.rmSync(path.join(files(world).iteration, 'diff.patch'))],
    [
      'a file that is restored',
      (world) => {
        const file = path.join(files(world).iteration, 'diff.patch');
        fs.cpSync(file, `${file}.kept`, { preserveTimestamps: true });
        fs.renameSync(`${file}.kept`, file);
      },
    ],
    ['a seal', async ({ project, runId }) => fs.appendFileSync((await sealFile(project, runId))!, '\n')],
    [
      'a step folder that is replaced',
      (world) => {
        const { step } = files(world);
        fs.cpSync(step, `${step}.kept`, { recursive: true, preserveTimestamps: true });
        fs.rmSync(step, { recursive: true });
        fs.renameSync(`${step}.kept`, step);
      },
    ],
    [
      'a run folder that is replaced',
      (world) => {
        const { root } = files(world).run;
        fs.cpSync(root, `${root}.kept`, { recursive: true, preserveTimestamps: true });
        fs.rmSync(root, { recursive: true });
        fs.renameSync(`${root}.kept`, root);
      },
    ],
  ])('%s', async (_, change) => {
    const world = await shown();
    const { project, runs, runId, other } = world;
    await settle(runs, runId, other);
    const before = { run: await runs.run(runId), other: await runs.run(other), row: await runs.row(other) };
    await change(world);
    expect(await runs.run(runId)).not.toBe(before.run);
    expect(await runs.run(other)).toBe(before.other);
    expect(await runs.row(other)).toBe(before.row);
    const { meta, plan, steps } = await readRun(project, runId);
    expect(await runs.run(runId)).toEqual({ meta, plan, steps });
    const finished = !meta.abandoned && (await isFinished(project, { id: runId, meta }));
    expect((await runs.row(runId)).state).toBe(meta.abandoned ? 'abandoned' : finished ? 'finished' : 'open');
  });
});

test('an empty iteration counts once something is in it', async () => {
  const { project, runs, runId } = await shown();
  const [key] = fs.readdirSync(project.paths.run(runId).steps);
  const iteration = path.join(project.paths.run(runId).steps, key!, 'iter', '02');
  fs.mkdirSync(iteration);
  await settle(runs, runId);
  const count = async (): Promise<number> => (await runs.run(runId)).steps[0]!.iterations.length;
  const before = await count();
  fs.writeFileSync(path.join(iteration, 'status.json'), '{}');
  expect((await runs.run(runId)).steps).toEqual((await readRun(project, runId)).steps);
  expect(await count()).toBe(before);
});

test('a new run and a removed one show, and a removed file makes its run a damaged one', async () => {
  const { project, runs, runId, other } = await shown();
  await settle(runs, runId, other);
  expect(await runs.ids()).toEqual([other, runId].sort().reverse());
  fs.rmSync(project.paths.run(other).meta);
  expect(await runs.row(other)).toMatchObject({
    state: 'damaged',
    why: expect.stringContaining('meta.json') as string,
  });
  fs.rmSync(project.paths.run(other).root, { recursive: true });
  expect(await runs.ids()).toEqual([runId]);
  await expect(runs.run(other)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  const { runId: third } = await startRun(project, { spec: 'docs/greetings.md', name: 'third' });
  expect(await runs.ids()).toContain(third);
});

test('whatever a run is read from shows when it changes in place', async () => {
  const { project, runId } = await makeRun();
  const { root } = project.paths.run(runId);
  putFixture(root);
  fs.rmSync(path.join(root, 'steps', '02-write-the-file'), { recursive: true });
  const found = async (...kinds: readonly string[]): Promise<string[]> =>
    [...new Set(await readsDuring(() => new ShownRuns(project).run(runId), kinds))].filter((part) =>
      part.startsWith(root + path.sep),
    );
  const read = await found('open', 'readdir');
  const lookedAt = (await found('lstat', 'stat')).filter((part) => !read.includes(part));
  expect(read.map((part) => path.basename(part))).toEqual(
    expect.arrayContaining(['status.json', 'diff.patch', 'iter']),
  );
  expect(lookedAt.length).toBeGreaterThan(3);
  const runs = new ShownRuns(project);
  const unseen: string[] = [];
  const changed = async (part: string, change: () => void): Promise<void> => {
    await settle(runs, runId);
    const before = await runs.run(runId);
    change();
    if ((await runs.run(runId)) === before) unseen.push(path.relative(root, part));
  };
  for (const part of read)
    await changed(part, () => {
      if (fs.statSync(part, { throwIfNoEntry: false })?.isDirectory()) fs.mkdirSync(path.join(part, '99'));
      else fs.appendFileSync(part, ' ');
    });
  // Of these only their being there counts.
  for (const part of lookedAt)
    await changed(part, () => {
      if (fs.existsSync(part)) fs.rmSync(part);
      else fs.writeFileSync(part, '');
    });
  expect(unseen).toEqual([]);
});
