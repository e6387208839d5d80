import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planGenerate } from '../../../../src/core/runs/importPlan';
import { readRun } from '../../../../src/core/runs/listRuns';
import { applyReviewedPlan, planReview } from '../../../../src/core/runs/planReview';
import { runSteps } from '../../../../src/core/runs/runSteps';
import { createSample } from '../../../../src/core/runs/sample/create';
import { SAMPLE_SPEC_PATH } from '../../../../src/core/runs/sample/files';
import { isSample } from '../../../../src/core/runs/sample/place';
import { startRun } from '../../../../src/core/runs/start';
import { git } from '../../../support/git';
import { makeWorld, open, operate } from './support';

const samples = (): string[] => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('weld-sample-'));

async function newSample(): Promise<string> {
  const { project } = await makeWorld();
  const top = await createSample(project.programs);
  onTestFinished(() => {
    fs.rmSync(path.dirname(top), { recursive: true, force: true });
  });
  return top;
}

test('the sample is for this person alone, small, and known by its path', async () => {
  const top = await newSample();
  expect(fs.statSync(path.dirname(top)).mode & 0o777).toBe(0o700);
  expect(isSample(top)).toBe(true);
  expect(isSample(path.dirname(top))).toBe(false);
  expect(isSample('/home/ada/greetings')).toBe(false);
  expect((await git(top, 'ls-files')).trim().split('\n')).toEqual([
    '.weld/.gitignore',
    '.weld/config.toml',
    'README.md',
    SAMPLE_SPEC_PATH,
  ]);
  expect((await git(top, 'status', '--porcelain')).trim()).toBe('');
  expect(fs.existsSync(path.join(top, '.git/hooks'))).toBe(false);
  expect(fs.readFileSync(path.join(top, 'README.md'), 'utf8')).toContain(top);
});

test('its run goes from the plan to a commit, through real checks that need git alone', async () => {
  const top = await newSample();
  const project = await open(top);
  const recording = path.join(top, '.weld/recording.json');
  fs.writeFileSync(recording, fs.readFileSync(recording, 'utf8').replace(/"delay_ms": \d+/gu, '"delay_ms": 0'));
  const { runId } = await startRun(project, { spec: SAMPLE_SPEC_PATH, skipResearch: true });
  await operate(project, runId, (op) => planGenerate(op, { runId }));
  await operate(project, runId, (op) => planReview(op, { runId }));
  await operate(project, runId, (op) => applyReviewedPlan(op, { runId }));
  const result = await operate(project, runId, (op) => runSteps(op, { run: runId }));
  expect(result.passed).toEqual([1, 2]);
  const { steps } = await readRun(project, runId);
  expect(steps.map((step) => step.iterations.map(({ state }) => state))).toEqual([['passed'], ['failed', 'passed']]);
  const checks = project.paths
    .run(runId)
    .step(steps[1]?.key ?? steps[0]!.key)
    .iteration(2).checksSummary;
  expect(JSON.parse(fs.readFileSync(checks, 'utf8'))).toMatchObject({
    all_passed: true,
    categories: { style: { passed: true }, words: { passed: true } },
  });
  await operate(project, runId, (op) => commitRun(op, { runId, message: 'Greet people' }));
  expect((await git(top, 'log', '--format=%an %s')).trim().split('\n')).toEqual([
    'Weld Sample Greet people',
    'Weld Sample Start',
  ]);
}, 60_000);

test('nothing is left behind where git is missing', async () => {
  const { project } = await makeWorld();
  const before = samples();
  await expect(
    createSample({
      ...project.programs,
      run: () =>
        Promise.resolve({
          ended: { how: 'missing', file: 'git' },
          exitCode: -1,
          stdout: new Uint8Array(),
          stderr: new Uint8Array(),
          truncated: false,
          durationMs: 0,
        }),
    }),
  ).rejects.toMatchObject({ code: 'GIT_MISSING' });
  expect(samples()).toEqual(before);
});
