import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import { listVersions, readVersion } from '../../../../src/core/artifacts/store';
import { inspectLock } from '../../../../src/core/lock';
import type { Operation } from '../../../../src/core/project';
import { readPending } from '../../../../src/core/runs/commit/recordCommit';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planImport } from '../../../../src/core/runs/importPlan';
import { researchImport } from '../../../../src/core/runs/importResearch';
import { readRun } from '../../../../src/core/runs/listRuns';
import { applyReviewedPlan, planReview } from '../../../../src/core/runs/planReview';
import { inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { PLAN } from '../../../support/recordings';
import { until } from '../../../support/run';
import { bundled, endingAt, makeRun, operate, supervisorPath, type World } from './support';

type Run = World & { readonly runId: RunId };
const OTHER = PLAN.replace('one person', 'two people');

function startChild(
  run: Run,
  what: string,
): { readonly lines: () => number; readonly kill: () => void; readonly gone: Promise<unknown> } {
  const child = spawn(
    process.execPath,
    [bundled('test/unit/core/runs/child.ts'), run.top, run.runId, supervisorPath(), what],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    lines: () => said.split('\n').length - 1,
    kill: () => {
      child.kill('SIGKILL');
    },
    gone: new Promise((resolve) => child.once('exit', resolve)),
  };
}

describe('ended between any two writes', () => {
  async function atEveryWrite(
    run: Run,
    body: (op: Operation) => Promise<unknown>,
    check: () => Promise<void>,
  ): Promise<number> {
    const { project, runId } = run;
    const state = project.paths.run(runId).root;
    const kept = `${run.top}-kept`;
    fs.cpSync(state, kept, { recursive: true });
    for (let n = 1; ; n++) {
      fs.rmSync(state, { recursive: true });
      fs.cpSync(kept, state, { recursive: true });
      const ended = await operate(project, runId, (op) =>
        body(endingAt(op, n)).then(
          () => false,
          (error: unknown) => {
            if (error instanceof Error && error.message === 'ended here') return true;
            throw error;
          },
        ),
      );
      await check();
      await operate(project, runId, body);
      await check();
      if (!ended) return n;
    }
  }

  test('an import leaves the old plan or the new, and done again it keeps the old one once', async () => {
    const run = await makeRun();
    const { project, runId } = run;
    await operate(project, runId, async (op) => {
      await planImport(op, { runId, markdown: PLAN });
      await planReview(op, { runId, apply: true });
    });
    const final = (await readRun(project, runId)).plan?.text ?? '';
    const seen = new Set<string>();
    const points = await atEveryWrite(
      run,
      (op) => planImport(op, { runId, markdown: OTHER }),
      async () => {
        const now = await readRun(project, runId);
        seen.add(now.plan?.text ?? '');
        expect([final, OTHER]).toContain(now.plan?.text);
        const versions = await listVersions(project.paths.run(runId), 'plan');
        const contents = await Promise.all(
          versions.map(async (version) => (await readVersion(project.paths.run(runId), 'plan', version))?.content),
        );
        expect(contents.filter((content) => content === final).length).toBeLessThanOrEqual(1);
        if (now.plan?.text === OTHER) expect(contents).toContain(final);
      },
    );
    expect(points).toBeGreaterThan(10);
    expect(seen.size).toBe(2);
  }, 180_000);

  inDepth(
    'applying a revised plan leaves the old plan or the new',
    async () => {
      const run = await makeRun();
      const { project, runId } = run;
      await operate(project, runId, async (op) => {
        await planImport(op, { runId, markdown: PLAN });
        await planReview(op, { runId });
      });
      await atEveryWrite(
        run,
        (op) =>
          applyReviewedPlan(op, { runId }).catch((error: unknown) => {
            if ((error as { code?: string }).code !== 'NO_STEPS') throw error; // already current
          }),
        async () => {
          const now = await readRun(project, runId);
          expect(now.plan?.text === PLAN || now.plan?.text.includes('An empty name is refused')).toBe(true);
        },
      );
    },
    180_000,
  );

  test('research that changes never leaves a plan that seems fresh', async () => {
    const run = await makeRun();
    const { project, runId } = run;
    await operate(project, runId, async (op) => {
      await researchImport(op, { runId, markdown: '# One\n' });
      await planImport(op, { runId, markdown: PLAN });
    });
    await atEveryWrite(
      run,
      (op) => researchImport(op, { runId, markdown: '# Two\n' }),
      async () => {
        const research = fs.readFileSync(project.paths.run(runId).researchAnswer, 'utf8');
        const { stale } = await readRun(project, runId);
        if (research === '# Two\n') expect(stale.map(({ artifact }) => artifact)).toContain('plan');
      },
    );
  }, 180_000);
});

/** A commit in another process that is killed while its hook runs; a hook in the sandbox cannot kill it. */
async function killedInHook(run: Run): Promise<void> {
  const child = startChild(run, 'commit');
  await until('the hook', () => fs.existsSync(path.join(run.top, 'reached')), 60_000);
  child.kill();
  await child.gone;
  fs.rmSync(path.join(run.top, 'reached'));
}

describe('killed', () => {
  test('in the midst of imports, the run is whole and goes on', async () => {
    const run = await makeRun();
    const child = startChild(run, 'import');
    await until('some imports', () => child.lines() >= 5, 60_000);
    child.kill();
    await child.gone;
    const { plan } = await readRun(run.project, run.runId);
    expect([PLAN, OTHER]).toContain(plan?.text);
    expect((await inspectLock(run.weldDir)).kind).not.toBe('held');
    await operate(run.project, run.runId, (op) => planImport(op, { runId: run.runId, markdown: OTHER }));
    expect((await readRun(run.project, run.runId)).plan?.text).toBe(OTHER);
  }, 120_000);

  test('after git has committed and before Weld has noted it, the next commit notes it', async () => {
    const run = await makeRun();
    fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
    fs.writeFileSync(path.join(run.top, '.git/hooks/post-commit'), '#!/bin/sh\n: > reached\nexec sleep 60\n', {
      mode: 0o755,
    });
    fs.writeFileSync(path.join(run.top, 'new.txt'), 'new\n');
    const before = await git(run.top, 'rev-parse', 'HEAD');
    await killedInHook(run);
    fs.rmSync(path.join(run.top, '.git/hooks/post-commit'));
    const sha = await git(run.top, 'rev-parse', 'HEAD');
    expect(sha).not.toBe(before);
    expect((await readRun(run.project, run.runId)).meta.commits).toEqual([]);
    expect(await readPending(run.project, run.runId)).toMatchObject({ parent: before });

    expect(
      await operate(run.project, run.runId, (op) =>
        commitRun(op, { runId: run.runId, message: 'Anything', all: true }),
      ),
    ).toEqual({ sha, differs: [] });
    expect((await readRun(run.project, run.runId)).meta.commits).toMatchObject([{ sha }]);
    expect(await readPending(run.project, run.runId)).toBeNull();
    expect(await git(run.top, 'status', '--porcelain')).toBe('');
    expect(await git(run.top, 'rev-list', '--count', 'HEAD')).toBe('2');
  }, 120_000);

  inDepth(
    'before git has committed, the next commit simply commits',
    async () => {
      const run = await makeRun();
      fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
      fs.writeFileSync(path.join(run.top, '.git/hooks/pre-commit'), '#!/bin/sh\n: > reached\nexec sleep 60\n', {
        mode: 0o755,
      });
      fs.writeFileSync(path.join(run.top, 'new.txt'), 'new\n');
      await killedInHook(run);
      fs.rmSync(path.join(run.top, '.git/hooks/pre-commit'));
      const { sha } = await operate(run.project, run.runId, (op) =>
        commitRun(op, { runId: run.runId, message: 'Now', all: true }),
      );
      expect((await readRun(run.project, run.runId)).meta.commits.map((commit) => commit.sha)).toEqual([sha]);
      expect(await git(run.top, 'log', '-1', '--format=%s')).toBe('Now');
    },
    120_000,
  );
});
