import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect } from 'vitest';
import { newRunId } from '../../../../src/core/artifacts/runIds';
import type { Operation } from '../../../../src/core/project';
import { readMeta } from '../../../../src/core/runMeta';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planImport } from '../../../../src/core/runs/importPlan';
import { researchImport } from '../../../../src/core/runs/importResearch';
import { isFinished, listRunIds, listRuns, readRun } from '../../../../src/core/runs/listRuns';
import { nextStep } from '../../../../src/core/runs/nextStep';
import { applyReviewedPlan, planReview } from '../../../../src/core/runs/planReview';
import { abandonRun, startRun } from '../../../../src/core/runs/start';
import { skipStep, snapshot } from '../../../../src/core/steps/requests';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { selectStep } from '../../../../src/core/steps/select';
import { listSteps } from '../../../../src/core/steps/state/read';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { PLAN } from '../../../support/recordings';
import { makeRun, makeWorld, operate } from './support';

describe('the list of runs', () => {
  everyTime('is empty where there is no .weld', async () => {
    const { project } = await makeWorld({ initialised: false });
    expect(await listRuns(project)).toEqual([]);
  });

  everyTime('shows a damaged run as damaged, and every other normally', async () => {
    const { project, spec } = await makeWorld();
    const ids = [];
    for (const name of ['one', 'two', 'three', 'four']) ids.push((await startRun(project, { spec, name })).runId);
    const [one, two, three, four] = ids as [(typeof ids)[0], (typeof ids)[0], (typeof ids)[0], (typeof ids)[0]];
    fs.writeFileSync(project.paths.run(one).meta, '{"run_id": "x", "crea');
    fs.rmSync(project.paths.run(two).meta);
    fs.rmSync(project.paths.run(three).meta);
    fs.symlinkSync('/etc/passwd', project.paths.run(three).meta);
    fs.writeFileSync(path.join(project.paths.runs, 'notes.txt'), '');
    fs.mkdirSync(path.join(project.paths.runs, 'not a run'));
    const runs = await listRuns(project);
    expect(new Map(runs.map((run) => [run.id, run.kind]))).toEqual(
      new Map([
        [one, 'damaged'],
        [two, 'damaged'],
        [three, 'damaged'],
        [four, 'run'],
      ]),
    );
    for (const run of runs) if (run.kind === 'damaged') expect(run.why).toContain(project.paths.run(run.id).meta);
    await expect(readRun(project, one)).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
    expect((await readRun(project, four)).kind).toBe('run');
  });

  inDepth(
    'of 10,000 runs comes quickly, a page at a time',
    async () => {
      const { project } = await makeWorld();
      const { runId } = await startRun(project, { spec: 'docs/greetings.md' });
      const meta = fs.readFileSync(project.paths.run(runId).meta, 'utf8');
      for (let n = 0; n < 10_000; n++) {
        const id = newRunId(new Date(2025, 0, 1, 0, 0, n), `run ${n}`);
        fs.mkdirSync(project.paths.run(id).root);
        if (n < 100 || n > 9_800) fs.writeFileSync(project.paths.run(id).meta, meta.replaceAll(runId, id));
      }
      const began = performance.now();
      const ids = await listRunIds(project);
      const page = await listRuns(project, { limit: 100 });
      const took = performance.now() - began;
      expect(ids).toHaveLength(10_001);
      expect(ids[0]).toBe(runId);
      expect(page.map((run) => run.id)).toEqual(ids.slice(0, 100));
      expect((await listRuns(project, { offset: 9_990, limit: 100 })).map((run) => run.id)).toEqual(ids.slice(9_990));
      expect(took).toBeLessThan(5_000); // about 60 ms on an idle machine
    },
    120_000,
  );

  inDepth('reads a run of 5,000 steps, some begun under an older title, as often as views do', async () => {
    const { project, runId } = await makeRun();
    const plan = Array.from(
      { length: 5_000 },
      (_, i) => `## Step ${i + 1}: Part ${i + 1}\n\n### Goal\nMake it.\n`,
    ).join('\n');
    await operate(project, runId, (op) => planImport(op, { runId, markdown: plan }));
    const { steps: folder } = project.paths.run(runId);
    for (const name of ['01-part-1', '02-old-title']) fs.mkdirSync(path.join(folder, name), { recursive: true });
    for (let time = 0; time < 3; time++) expect((await readRun(project, runId)).steps).toHaveLength(5_000);
    expect((await readRun(project, runId)).steps.slice(0, 3).map((step) => step.key)).toEqual([
      '01-part-1',
      '02-old-title',
      '03-part-3',
    ]);
    expect(await nextStep(project, runId)).toMatchObject({ kind: 'plan-review' });
  });

  everyTime('reading a run that is not there says so', async () => {
    const { project } = await makeWorld();
    const id = newRunId(new Date(2026, 0, 5, 12), 'nothing');
    await expect(readRun(project, id)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  everyTime('a run that the command-line Weld wrote opens, and keeps its unknown fields', async () => {
    const { project, top } = await makeWorld();
    const id = newRunId(new Date(2025, 4, 6, 7, 8, 9), 'old');
    const run = project.paths.run(id);
    fs.cpSync(path.resolve(import.meta.dirname, '../../../fixtures/runs/command-line'), run.root, { recursive: true });
    const meta = JSON.parse(fs.readFileSync(run.meta, 'utf8')) as Record<string, unknown>;
    fs.writeFileSync(run.meta, JSON.stringify({ ...meta, run_id: id, repo_root: top }));
    const details = await readRun(project, id);
    expect(details.meta).toMatchObject({ branch: 'main', abandoned: false, commits: [] });
    expect(details.plan?.reviewed).toBe(true);
    expect(details.steps.map(({ n, title, state }) => ({ n, title, state }))).toEqual([
      { n: 1, title: 'Read the file', state: 'passed-elsewhere' },
      { n: 2, title: 'Write the file', state: 'failed' },
    ]);
    await operate(project, id, (op) => abandonRun(op, { runId: id }));
    expect(JSON.parse(fs.readFileSync(run.meta, 'utf8'))).toMatchObject({
      abandoned: true,
      last_used_by: 'somebody',
      command_history: [{ command: 'run --spec spec.md' }, { command: 'run abandon' }],
    });
  });
});

describe('what comes next', () => {
  inDepth('from research to the commit', async () => {
    const { project, runId } = await makeRun({ checks: { test: 'true' } }, {});
    const next = async (): Promise<unknown> => (({ message: _, ...rest }) => rest)(await nextStep(project, runId));
    expect(await next()).toEqual({ kind: 'research' });
    await operate(project, runId, (op) => researchImport(op, { runId, markdown: '# Research\n' }));
    expect(await next()).toEqual({ kind: 'plan' });
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    expect(await next()).toEqual({ kind: 'plan-review' });
    await operate(project, runId, (op) => planReview(op, { runId }));
    expect(await next()).toEqual({ kind: 'plan-apply' });
    await operate(project, runId, (op) => applyReviewedPlan(op, { runId }));
    expect(await next()).toEqual({ kind: 'step-select', step: 1 });
    await operate(project, runId, (op) => selectStep(op, { run: runId, step: 1 }));
    expect(await next()).toEqual({ kind: 'step-loop', step: 1, resume: false });
    await operate(project, runId, (op) => runLoop(op, { run: runId, step: 1 }));
    expect(await next()).toEqual({ kind: 'step-select', step: 2 });
    await operate(project, runId, async (op) => {
      await selectStep(op, { run: runId, step: 2 });
      await runLoop(op, { run: runId, step: 2 });
    });
    expect(await next()).toEqual({ kind: 'commit', steps: [1, 2] });
    await operate(project, runId, (op) => abandonRun(op, { runId }));
    expect(await next()).toEqual({ kind: 'done' });
  });

  everyTime('a changed specification makes the plan stale', async () => {
    const { project, runId, spec } = await makeRun();
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    fs.appendFileSync(spec, '- and in Klingon\n');
    expect(await nextStep(project, runId)).toMatchObject({
      kind: 'plan',
      message: expect.stringContaining('specification has changed') as string,
    });
  });
});

describe('a run is finished', () => {
  inDepth(
    'when its last planned step is committed or skipped, not with its first commit, and no longer when work ' +
      'begins again',
    async () => {
      const { project, runId, top } = await makeRun({ checks: { test: 'true' } });
      const act = <T>(body: (op: Operation) => Promise<T>): Promise<T> => operate(project, runId, body);
      const finished = async (): Promise<boolean> =>
        isFinished(project, { id: runId, meta: await readMeta(project, runId) });
      const work = (step: number): Promise<unknown> =>
        act(async (op) => {
          await selectStep(op, { run: runId, step });
          return runLoop(op, { run: runId, step });
        });
      const commit = (): Promise<unknown> => act((op) => commitRun(op, { runId, message: 'Work', all: true }));
      await act((op) => planImport(op, { runId, markdown: PLAN }));
      await work(1);
      expect(await finished()).toBe(false);
      await commit();
      expect(await finished()).toBe(false);
      await act((op) => skipStep(op, { run: runId, step: 2 }));
      expect(await finished()).toBe(true);
      await work(2);
      expect(await finished()).toBe(false);
      await commit();
      expect(await finished()).toBe(true);
      fs.writeFileSync(path.join(top, 'by-hand.txt'), 'x');
      await act(async (op) => {
        await selectStep(op, { run: runId, step: 2 });
        await snapshot(op, { run: runId, step: 2 });
      });
      expect(await finished()).toBe(false);
    },
  );

  everyTime('and a step that left the plan still counts while it waits for its commit', async () => {
    const { project, runId } = await makeRun({ checks: { test: 'true' } });
    const meta = await readMeta(project, runId);
    const committed = {
      ...meta,
      commits: [{ sha: 'abc', steps: [1], committed_at: new Date(Date.now() + 60_000).toISOString() }],
    };
    const finished = (): Promise<boolean> => isFinished(project, { id: runId, meta: committed });
    expect(await finished()).toBe(false);
    fs.writeFileSync(project.paths.run(runId).meta, JSON.stringify(committed));
    await operate(project, runId, async (op) => {
      await planImport(op, { runId, markdown: PLAN });
      for (const step of [1, 2]) await selectStep(op, { run: runId, step });
      await snapshot(op, { run: runId, step: 2 });
      await planImport(op, { runId, markdown: PLAN.slice(0, PLAN.indexOf('## Step 2')) });
    });
    expect(await finished()).toBe(false);
    fs.rmSync(project.paths.run(runId).step((await listSteps(project, runId))[1]!.key).iterations, { recursive: true });
    expect(await finished()).toBe(true);
  });
});

everyTime('abandon keeps the files and drops the refs, also twice', async () => {
  const { project, runId, top } = await makeRun();
  await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
  await operate(project, runId, (op) => selectStep(op, { run: runId, step: 1 }));
  expect(await git(top, 'for-each-ref', 'refs/weld')).not.toBe('');
  await operate(project, runId, (op) => abandonRun(op, { runId }));
  const { abandoned_at } = await readMeta(project, runId);
  await operate(project, runId, (op) => abandonRun(op, { runId }));
  expect(await readMeta(project, runId)).toMatchObject({ abandoned: true, abandoned_at });
  expect(await git(top, 'for-each-ref', 'refs/weld')).toBe('');
  expect(fs.existsSync(project.paths.run(runId).planRaw)).toBe(true);
});
