import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import type { RunId } from '../../../../../src/core/artifacts/runIds';
import type { Operation } from '../../../../../src/core/project';
import { readMeta } from '../../../../../src/core/runMeta';
import { readPending } from '../../../../../src/core/runs/commit/recordCommit';
import { type CommitArgs, type CommitResult, commitRun } from '../../../../../src/core/runs/commitRun';
import { planImport } from '../../../../../src/core/runs/importPlan';
import { runLoop } from '../../../../../src/core/steps/runLoop';
import { selectStep } from '../../../../../src/core/steps/select';
import { listSteps } from '../../../../../src/core/steps/state/read';
import { everyTime, inDepth } from '../../../../support/deep';
import { git } from '../../../../support/git';
import { PLAN } from '../../../../support/recordings';
import { until } from '../../../../support/run';
import { bundled, makeRun, operate, supervisorPath, type World } from '../support';

type Run = World & { readonly runId: RunId };

async function work(op: Operation, runId: RunId, step: number, maxIterations?: number): Promise<void> {
  await selectStep(op, { run: runId, step });
  await runLoop(op, { run: runId, step, maxIterations });
}

/** A run with passed steps. @param first runs before the loop */
async function passed(steps = 1, first: (top: string) => unknown = () => undefined): Promise<Run> {
  const run = await makeRun({ checks: { test: 'true' } });
  await first(run.top);
  await operate(run.project, run.runId, async (op) => {
    await planImport(op, { runId: run.runId, markdown: PLAN });
    for (let step = 1; step <= steps; step++) await work(op, run.runId, step);
  });
  return run;
}

/** The tree of a step's last iteration. */
async function treeOf({ project, runId }: Run, step: number): Promise<string> {
  return (await listSteps(project, runId)).find((one) => one.n === step)?.iterations.at(-1)?.tree ?? 'none';
}

const commit = ({ project, runId }: Run, more: Partial<CommitArgs> = {}): Promise<CommitResult> =>
  operate(project, runId, (op) => commitRun(op, { runId, message: 'Greet', ...more }), { command: 'commit' });
const differing = (top: string, from: string): Promise<string> =>
  git(top, 'diff-tree', '-r', '--name-only', from, 'HEAD', '--', ':!.weld');
const write = (run: Run, name: string, text: string): void => {
  fs.writeFileSync(path.join(run.top, name), text);
};

describe('what passed', () => {
  everyTime('is committed when nothing else is asked for, whatever the files hold by now', async () => {
    const run = await passed();
    const tree = await treeOf(run, 1);
    write(run, 'src/greet.mjs', 'rewritten after the review');
    await git(run.top, 'add', 'src/greet.mjs');
    write(run, 'test/greet.test.mjs', 'and this, not staged');
    expect(await commit(run)).toEqual({ sha: await git(run.top, 'rev-parse', 'HEAD'), differs: [] });
    expect(await differing(run.top, tree)).toBe('');
    expect(await git(run.top, 'status', '--porcelain')).toBe('M  src/greet.mjs\n M test/greet.test.mjs');
    expect((await readMeta(run.project, run.runId)).commits).toMatchObject([{ steps: [1], partial_steps: [] }]);
    expect((await listSteps(run.project, run.runId))[0]?.state).toBe('committed');
    expect(await git(run.top, 'for-each-ref', 'refs/weld')).toBe('');
  });

  everyTime('of two steps is one commit of the last tree', async () => {
    const run = await passed(2);
    const tree = await treeOf(run, 2);
    expect((await commit(run)).differs).toEqual([]);
    expect(await differing(run.top, tree)).toBe('');
    expect((await readMeta(run.project, run.runId)).commits).toMatchObject([{ steps: [1, 2] }]);
  });

  inDepth('of a chosen step goes while another is not finished; its files stay', async () => {
    const run = await passed();
    const tree = await treeOf(run, 1);
    await operate(run.project, run.runId, (op) => work(op, run.runId, 2, 1));
    await expect(commit(run)).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    expect((await commit(run, { steps: [1] })).differs).toEqual([]);
    expect(await differing(run.top, tree)).toBe('');
    expect((await listSteps(run.project, run.runId)).map((step) => step.state)).toEqual(['committed', 'failed']);
    expect(await git(run.top, 'status', '--porcelain')).toMatch(/ M src\/greet\.mjs/u);
    await expect(commit(run, { steps: [2] })).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    await expect(commit(run, { steps: [1] })).rejects.toMatchObject({ code: 'NOTHING_TO_COMMIT' });
    await expect(commit(run, { steps: [7] })).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
  });

  everyTime('leaves what was dirty before, and names it', async () => {
    const run = await passed(1, (top) => {
      fs.appendFileSync(path.join(top, 'README.md'), 'mine');
    });
    expect((await commit(run)).differs).toEqual(['README.md']);
    expect(await git(run.top, 'status', '--porcelain')).toBe(' M README.md');
    expect((await readMeta(run.project, run.runId)).commits).toMatchObject([{ differs: ['README.md'] }]);
  });

  inDepth(
    'in a file that HEAD has changed too is refused in silence, asked about, and committed by force',
    async () => {
      const run = await passed(1, async (top) => {
        fs.mkdirSync(path.join(top, 'src'));
        fs.writeFileSync(path.join(top, 'src/greet.mjs'), 'old\n');
        await git(top, 'add', 'src/greet.mjs');
        await git(top, 'commit', '-qm', 'old');
      });
      const reviewed = fs.readFileSync(path.join(run.top, 'src/greet.mjs'), 'utf8');
      write(run, 'src/greet.mjs', 'pulled\n');
      await git(run.top, 'commit', '-qam', 'pulled');
      const head = await git(run.top, 'rev-parse', 'HEAD');
      await expect(commit(run)).rejects.toMatchObject({
        code: 'NOT_AS_REVIEWED',
        message: expect.stringContaining('src/greet.mjs') as string,
      });
      const asked: string[] = [];
      const answer = (go: boolean) => (what: string) => {
        asked.push(what);
        return Promise.resolve(go);
      };
      await expect(commit(run, { confirm: answer(false) })).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(asked).toEqual([expect.stringContaining('src/greet.mjs')]);
      expect([await git(run.top, 'rev-parse', 'HEAD'), await readPending(run.project, run.runId)]).toEqual([
        head,
        null,
      ]);
      await commit(run, { force: true });
      expect(`${await git(run.top, 'show', 'HEAD:src/greet.mjs')}\n`).toBe(reviewed);
      expect(await git(run.top, 'rev-parse', 'HEAD^')).toBe(head);
    },
  );

  inDepth('is nothing where no step has passed, and not known where its trees are gone', async () => {
    const none = await makeRun();
    await expect(commit(none)).rejects.toMatchObject({ code: 'NOTHING_TO_COMMIT' });
    const run = await passed();
    for (const ref of (await git(run.top, 'for-each-ref', '--format=%(refname)', 'refs/weld')).split('\n'))
      await git(run.top, 'update-ref', '-d', ref);
    await expect(commit(run)).rejects.toMatchObject({
      code: 'NOT_AS_REVIEWED',
      message: expect.stringContaining('step 1') as string,
    });
  });

  everyTime('with what hooks changed on the way recorded and told', async () => {
    const run = await passed();
    fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
    fs.writeFileSync(
      path.join(run.top, '.git/hooks/pre-commit'),
      '#!/bin/sh\necho formatted > src/greet.mjs; git add src/greet.mjs\n',
      { mode: 0o755 },
    );
    expect(await commit(run)).toMatchObject({ differs: ['src/greet.mjs'], hookChanged: ['src/greet.mjs'] });
    expect((await readMeta(run.project, run.runId)).commits).toMatchObject([
      { steps: [1], hook_changed: ['src/greet.mjs'] },
    ]);
    expect(await git(run.top, 'status', '--porcelain')).toBe('');
  });

  inDepth(
    'is recorded by the next commit when a crash came between',
    async () => {
      const run = await passed();
      const tree = await treeOf(run, 1);
      fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
      fs.writeFileSync(path.join(run.top, '.git/hooks/post-commit'), '#!/bin/sh\n: > reached\nexec sleep 60\n', {
        mode: 0o755,
      });
      const child = spawn(
        process.execPath,
        [bundled('test/unit/core/runs/child.ts'), run.top, run.runId, supervisorPath(), 'commit-passed'],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      await until('the hook after the commit', () => fs.existsSync(path.join(run.top, 'reached')), 60_000);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      fs.rmSync(path.join(run.top, 'reached'));
      fs.rmSync(path.join(run.top, '.git/hooks/post-commit'));
      expect((await readMeta(run.project, run.runId)).commits).toEqual([]);
      expect(await commit(run)).toEqual({ sha: await git(run.top, 'rev-parse', 'HEAD'), differs: [] });
      expect((await readMeta(run.project, run.runId)).commits).toMatchObject([{ steps: [1] }]);
      expect(await differing(run.top, tree)).toBe('');
      expect(await git(run.top, 'status', '--porcelain')).toBe('');
    },
    120_000,
  );
});

describe('what is staged, all or chosen', () => {
  everyTime('says which files are not as they were reviewed', async () => {
    const run = await passed();
    const good = fs.readFileSync(path.join(run.top, 'src/greet.mjs'), 'utf8');
    write(run, 'src/greet.mjs', 'bad');
    await git(run.top, 'add', '--all');
    write(run, 'src/greet.mjs', good);
    expect((await commit(run, { what: 'staged' })).differs).toEqual(['src/greet.mjs']);
    expect(await git(run.top, 'show', 'HEAD:src/greet.mjs')).toBe('bad');
  });

  inDepth('`all` and `files` go before `what`', async () => {
    const run = await passed();
    write(run, 'notes.txt', 'mine');
    await commit(run, { what: 'staged', files: ['notes.txt'] });
    expect(await git(run.top, 'show', '--name-only', '--format=')).toBe('notes.txt');
    expect((await commit(run, { what: 'passed', all: true })).differs).toEqual(['notes.txt']);
    expect(await git(run.top, 'status', '--porcelain')).toBe('');
  });
});
