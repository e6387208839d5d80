import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect } from 'vitest';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import type { Operation, Project } from '../../../../src/core/project';
import { readMeta } from '../../../../src/core/runMeta';
import { readPending } from '../../../../src/core/runs/commit/recordCommit';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planImport } from '../../../../src/core/runs/importPlan';
import { nextStep } from '../../../../src/core/runs/nextStep';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { selectStep } from '../../../../src/core/steps/select';
import { listSteps } from '../../../../src/core/steps/state/read';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { everyTime, inDepth, some } from '../../../support/deep';
import { git } from '../../../support/git';
import { PLAN } from '../../../support/recordings';
import { makeRun, operate, snapshot, type World } from './support';

type Run = World & { readonly runId: RunId };

async function work(op: Operation, runId: RunId, step: number, maxIterations?: number): Promise<void> {
  await selectStep(op, { run: runId, step });
  await runLoop(op, { run: runId, step, maxIterations });
}

/** A run in which step 1 has passed. */
async function passed(): Promise<Run> {
  const run = await makeRun({ checks: { test: 'true' } });
  const { project, runId } = run;
  await operate(project, runId, async (op) => {
    await planImport(op, { runId, markdown: PLAN });
    await work(op, runId, 1);
  });
  return run;
}

/** Answers of the agents in the first iteration of a step. @param index of the step, from 0 */
async function told({ project, runId }: Run, index: number, usage: object): Promise<void> {
  const timing = project.paths
    .run(runId)
    .step((await listSteps(project, runId))[index]!.key)
    .iteration(1).timing;
  fs.writeFileSync(timing, JSON.stringify({ ...(JSON.parse(fs.readFileSync(timing, 'utf8')) as object), ...usage }));
}

function hook(top: string, name: string, script: string): void {
  fs.mkdirSync(path.join(top, '.git/hooks'), { recursive: true });
  fs.writeFileSync(path.join(top, '.git/hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const commit = (project: Project, runId: RunId, more: object = {}): Promise<{ sha: string }> =>
  operate(
    project,
    runId,
    (op) => commitRun(op, { runId, message: 'Greet by name\n\nAs the specification has it.', ...more }),
    { command: 'commit' },
  );

/** Everything that a refused commit must not change. */
async function state({ top, weldDir }: Run): Promise<unknown> {
  return {
    files: snapshot(weldDir, (name) => name.startsWith('lock') || name === 'active.lock' || name.startsWith('cache')),
    head: await git(top, 'rev-parse', 'HEAD'),
    refs: await git(top, 'for-each-ref'),
    index: await git(top, 'ls-files', '--stage'),
    status: await git(top, 'status', '--porcelain'),
  };
}

describe('commit', () => {
  everyTime('of everything carries the trailers, and is written down in the run', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    const paths = project.paths.run(runId);
    const { sha } = await commit(project, runId, { all: true });
    expect(await git(top, 'rev-parse', 'HEAD')).toBe(sha);
    expect(await git(top, 'log', '-1', '--format=%B')).toBe(
      `Greet by name\n\nAs the specification has it.\n\nWeld-Run: .weld/runs/${runId}`,
    );
    expect((await git(top, 'show', '--name-only', '--format=')).split('\n')).toEqual([
      'src/greet.mjs',
      'test/greet.test.mjs',
    ]);
    expect(await git(top, 'status', '--porcelain')).toBe('');
    expect(await readMeta(project, runId)).toMatchObject({ commits: [{ sha, steps: [1], partial_steps: [] }] });
    expect(fs.readFileSync(paths.commitMessage, 'utf8')).toBe(
      `Greet by name\n\nAs the specification has it.\n\nWeld-Run: .weld/runs/${runId}\n`,
    );
    expect(fs.readFileSync(paths.summary, 'utf8')).toMatch(
      new RegExp(`\\| 1 \\| Greet by name \\| committed \\| 1 \\|[\\s\\S]*${sha}`, 'u'),
    );
    const [first] = await listSteps(project, runId);
    expect(first).toMatchObject({ n: 1, state: 'committed' });
    expect(fs.existsSync(paths.step(first!.key).completed)).toBe(true);
    expect(await git(top, 'for-each-ref', 'refs/weld')).toBe('');
    expect(await readPending(project, runId)).toBeNull();
  });

  inDepth('names the transcript by the configured key, when an agent told its session', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    await told(run, 0, { session_id: 'abc', tokens: 12, cost_usd: 0.5 });
    fs.appendFileSync(project.paths.config, '[git]\ncommit_trailer_key = "AI-Session"\n');
    await commit(project, runId, { all: true });
    expect(await git(top, 'log', '-1', '--format=%(trailers)')).toBe(
      `Weld-Run: .weld/runs/${runId}\nAI-Session: .weld/runs/${runId}/commit/transcript.json`,
    );
    expect(JSON.parse(fs.readFileSync(project.paths.run(runId).transcript, 'utf8'))).toEqual({
      run_id: runId,
      sessions: [{ step: 1, iteration: 1, session_id: 'abc', tokens: 12, cost_usd: 0.5 }],
    });
  });

  inDepth("keeps the sessions of earlier commits in the transcript, and the reviewers' too", async () => {
    const run = await passed();
    const { project, runId, top } = run;
    await told(run, 0, {
      session_id: 'first',
      transcript: '/t/first.jsonl',
      review_session_id: 'second',
      review_transcript: '/t/second.jsonl',
      tokens: 12,
    });
    await commit(project, runId, { all: true });
    await operate(project, runId, (op) => work(op, runId, 2));
    await told(run, 1, { review_session_id: 'third', cost_usd: 0.5 });
    await commit(project, runId, { all: true });
    expect(JSON.parse(fs.readFileSync(project.paths.run(runId).transcript, 'utf8'))).toEqual({
      run_id: runId,
      sessions: [
        { step: 1, iteration: 1, session_id: 'first', transcript: '/t/first.jsonl', tokens: 12, cost_usd: null },
        { step: 1, iteration: 1, session_id: 'second', transcript: '/t/second.jsonl', role: 'review' },
        { step: 2, iteration: 1, session_id: 'third', role: 'review', tokens: null, cost_usd: 0.5 },
      ],
    });
    expect(await git(top, 'log', '-2', '--format=%(trailers:key=Claude-Transcript,valueonly)')).toMatch(
      /transcript\.json[\s\S]*transcript\.json/u,
    );
  });

  inDepth('with a damaged transcript is refused before git commits', async () => {
    const run = await passed();
    const { project, runId } = run;
    fs.mkdirSync(path.dirname(project.paths.run(runId).transcript));
    fs.writeFileSync(project.paths.run(runId).transcript, '{"sessions": [');
    const before = await state(run);
    await expect(commit(project, runId, { all: true })).rejects.toMatchObject({
      code: 'DAMAGED_FILE',
      message: expect.stringContaining('transcript.json') as string,
    });
    expect(await state(run)).toEqual(before);
  });

  everyTime('of what is staged leaves the rest', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    await git(top, 'add', 'src/greet.mjs');
    const { sha } = await commit(project, runId, { what: 'staged' });
    expect(await git(top, 'show', '--name-only', '--format=')).toBe('src/greet.mjs');
    expect(await git(top, 'status', '--porcelain')).toBe('?? test/greet.test.mjs');
    // Half of the step is not committed, so it stays open and keeps its trees.
    expect(await readMeta(project, runId)).toMatchObject({ commits: [{ sha, steps: [], partial_steps: [1] }] });
    expect((await listSteps(project, runId))[0]?.state).toBe('passed');
    expect(await git(top, 'for-each-ref', 'refs/weld')).not.toBe('');
    await commit(project, runId, { all: true });
    expect((await readMeta(project, runId)).commits.map((one) => one.steps)).toEqual([[], [1]]);
  });

  inDepth('of chosen files', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    fs.writeFileSync(path.join(top, 'notes.txt'), 'mine');
    await commit(project, runId, { files: ['src/greet.mjs', path.join(top, 'test/greet.test.mjs')] });
    expect(await git(top, 'status', '--porcelain')).toBe('?? notes.txt');
    expect((await readMeta(project, runId)).commits[0]?.steps).toEqual([1]);
  });

  everyTime.each(
    some<[string[], string]>([
      [[], 'INVALID_ARGUMENT'],
      [['../outside'], 'OUTSIDE_REPOSITORY'],
      [['/etc/passwd'], 'OUTSIDE_REPOSITORY'],
      [['.weld/config.toml'], 'INVALID_ARGUMENT'],
      [['no-such-file'], 'INVALID_ARGUMENT'],
    ]),
  )('of the files %j is refused', async (files, code) => {
    const run = await passed();
    const before = await state(run);
    await expect(commit(run.project, run.runId, { files })).rejects.toMatchObject({ code });
    expect(await state(run)).toEqual(before);
  });

  everyTime('is refused while a selected step has not passed, unless forced', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    await operate(project, runId, (op) => work(op, runId, 2, 1));
    const before = await state(run);
    await expect(commit(project, runId, { all: true })).rejects.toMatchObject({
      code: 'STEP_NOT_PASSED',
      message: expect.stringContaining('Step 2') as string,
    });
    expect(await state(run)).toEqual(before);
    await commit(project, runId, { all: true, force: true });
    const steps = await listSteps(project, runId);
    expect(steps.map((step) => [step.n, fs.existsSync(project.paths.run(runId).step(step.key).completed)])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(await git(top, 'status', '--porcelain')).toBe('');
  });

  inDepth('of everything, forced, leaves a step open that was only selected', async () => {
    const { project, runId, top } = await passed();
    await operate(project, runId, (op) => selectStep(op, { run: runId, step: 2 }));
    await commit(project, runId, { all: true, force: true });
    expect((await readMeta(project, runId)).commits).toMatchObject([{ steps: [1], partial_steps: [] }]);
    expect((await listSteps(project, runId)).map((step) => step.state)).toEqual(['committed', 'selected']);
    expect(await git(top, 'for-each-ref', '--format=%(refname)', 'refs/weld')).toMatch(/\/02-[^/]+\/base$/u);
    expect(await nextStep(project, runId)).toMatchObject({ kind: 'step-loop', step: 2 });
  });

  everyTime('lists what was waived', async () => {
    const run = await passed();
    const { project, runId, top } = run;
    await operate(project, runId, (op) => work(op, runId, 2, 1));
    const issues = project.paths
      .run(runId)
      .step((await listSteps(project, runId))[1]!.key)
      .iteration(1).issues;
    const [issue] = (JSON.parse(fs.readFileSync(issues, 'utf8')) as { issues: { id: string; hint: string }[] }).issues;
    await operate(project, runId, (op) =>
      waiveIssue(op, { run: runId, step: 2, issue: issue!.id, reason: 'English\nonly, for now' }),
    );
    await commit(project, runId, { all: true });
    expect(await git(top, 'log', '-1', '--format=%(trailers:key=Weld-Waived,unfold)')).toBe(
      `Weld-Waived: step 2: ${issue!.hint} (English only, for now)`,
    );
  });

  everyTime('with nothing to commit leaves everything as it was', async () => {
    const run = await passed();
    const before = await state(run);
    await expect(commit(run.project, run.runId, { what: 'staged' })).rejects.toMatchObject({
      code: 'NOTHING_TO_COMMIT',
    });
    expect(await state(run)).toEqual(before);
  });

  everyTime('with a failing hook leaves everything as it was, and says what the hook said', async () => {
    const run = await passed();
    hook(run.top, 'pre-commit', 'echo "lint: 3 errors" >&2\nexit 1');
    const before = await state(run);
    await expect(commit(run.project, run.runId, { all: true })).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('lint: 3 errors') as string,
    });
    expect(await state(run)).toEqual(before);
  });

  inDepth('beside another git program is refused and leaves everything as it was', async () => {
    const run = await passed();
    fs.writeFileSync(path.join(run.top, '.git/index.lock'), '');
    const before = await state(run);
    await expect(commit(run.project, run.runId, { all: true })).rejects.toMatchObject({ code: 'GIT_LOCKED' });
    expect(await state(run)).toEqual(before);
  });

  inDepth('without a message, or of an abandoned run, is refused', async () => {
    const run = await passed();
    await expect(commit(run.project, run.runId, { message: ' \n' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(commit(run.project, run.runId, { all: true, files: ['a'] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  everyTime.each([
    ['without any commit', ['update-ref', '-d', 'HEAD'], '1'],
    ['with a detached HEAD', ['checkout', '--quiet', '--detach'], '2'],
  ])('comes after select and loop in a repository %s, too', async (_name, args, count) => {
    const { project, runId, top } = await makeRun({ checks: { test: 'true' } });
    await git(top, ...args);
    await operate(project, runId, async (op) => {
      await planImport(op, { runId, markdown: PLAN });
      await work(op, runId, 1);
    });
    expect((await listSteps(project, runId))[0]).toMatchObject({ state: 'passed' });
    const { sha } = await commit(project, runId, { all: true });
    expect(await git(top, 'rev-parse', 'HEAD')).toBe(sha);
    expect(await git(top, 'rev-list', '--count', 'HEAD')).toBe(count);
    expect(await git(top, 'status', '--porcelain', '--', ':!.weld')).toBe('');
    expect(await readMeta(project, runId)).toMatchObject({ commits: [{ sha, steps: [1] }] });
  });

  inDepth('can be the first of a repository', async () => {
    const { project, runId, top } = await makeRun();
    await git(top, 'update-ref', '-d', 'HEAD');
    await commit(project, runId, { all: true });
    expect(await git(top, 'rev-list', '--count', 'HEAD')).toBe('1');
    expect(await git(top, 'ls-tree', '-r', '--name-only', 'HEAD')).not.toContain('.weld/runs');
  });
});
