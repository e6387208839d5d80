import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { listSteps, readStepState } from '../../../../src/core/steps/state/read';
import { createFixtureRepo, type FixtureRepo, removeFixtureRepo } from './support/fixtureRepo';
import { openFixtureRepo } from './support/project';

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo([]);
  project = await openFixtureRepo(fixtureRepo, 'no program is supervised here');
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const put = (file: string, value: unknown): void => {
  const absolute = path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, file);
  fs.mkdirSync(path.dirname(absolute), { recursive: true });
  fs.writeFileSync(absolute, typeof value === 'string' ? value : JSON.stringify(value));
};
const status = (pass: boolean, more: object = {}): object => ({
  pass,
  issue_count: 0,
  blocker_count: 0,
  major_count: 0,
  minor_count: 0,
  checks_summary: null,
  checks_exit_code: 0,
  diff_nonempty: true,
  timestamp: '2026-01-05T12:30:00Z',
  ...more,
});
const record = { n: 1, title: 'Add the numbers', slug: 'add-the-numbers', body_md: '' };
/** An iteration as the command-line Weld leaves it: without gate and progress. */
function legacyIteration(n: number, pass: boolean): void {
  const folder = `01-add-the-numbers/iter/${String(n).padStart(2, '0')}`;
  for (const name of ['diff.patch', 'review.md', 'checks.summary.json', 'issues.json']) put(`${folder}/${name}`, '{}');
  put(`${folder}/checks/test.txt`, 'ok');
  put(`${folder}/status.json`, status(pass));
}

describe('the state of steps', () => {
  it('is that of the plan as long as nothing was selected', async () => {
    expect(await listSteps(project, fixtureRepo.run)).toMatchObject([
      { n: 1, key: '01-add-the-numbers', title: 'Add the numbers', state: 'not-selected', iterations: [] },
      { n: 2, key: '02-second', title: 'Second', state: 'not-selected' },
    ]);
    await expect(readStepState(project, fixtureRepo.run, 7)).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
  });

  it('reads a run of the command-line Weld', async () => {
    put('01-add-the-numbers/step.json', record);
    legacyIteration(1, false);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
    legacyIteration(2, true);
    put('01-add-the-numbers/completed', '');
    const step = await readStepState(project, fixtureRepo.run, 1);
    expect(step).toMatchObject({
      state: 'passed-elsewhere',
      iterations: [
        { n: 1, state: 'failed' },
        { n: 2, state: 'passed-elsewhere' },
      ],
    });
    expect(step.iterations[1]?.artifacts.map((artifact) => artifact.label)).toEqual([
      'diff',
      'checks',
      'review',
      'issues',
      'status',
      'check test',
    ]);
  });

  it('does not take the marker for the proof', async () => {
    put('01-add-the-numbers/step.json', record);
    put('01-add-the-numbers/completed', '');
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'selected' });
    legacyIteration(1, false);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  it('says why a step failed, which checks did, and which were flaky', async () => {
    put('01-add-the-numbers/step.json', record);
    legacyIteration(1, false);
    put(
      '01-add-the-numbers/iter/01/status.json',
      status(false, {
        gate: [
          { condition: 'diff_nonempty', ok: true, why: '' },
          { condition: 'checks_passed', ok: false, why: 'failed: test' },
        ],
        checks_summary: {
          categories: {
            test: { category: 'test', exit_code: 1, passed: false },
            lint: { category: 'lint', exit_code: 0, passed: true, flaky: true },
          },
          all_passed: false,
        },
      }),
    );
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'failed',
      why: 'failed: test',
      iterations: [{ checks: { failed: ['test'], flaky: ['lint'] } }],
    });
  });

  it('never passes against its own gate', async () => {
    put('01-add-the-numbers/step.json', record);
    legacyIteration(1, true);
    put(
      '01-add-the-numbers/iter/01/status.json',
      status(true, { gate: [{ condition: 'no_blockers', ok: false, why: '1 open blocker' }] }),
    );
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed', why: '1 open blocker' });
  });

  it('is committed until something newer happens', async () => {
    put('01-add-the-numbers/step.json', record);
    legacyIteration(1, true);
    const file = fixtureRepo.paths.run(fixtureRepo.run).meta;
    const meta = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
    fs.writeFileSync(
      file,
      JSON.stringify({ ...meta, commits: [{ sha: 'abc', steps: [1], committed_at: '2026-01-05T13:00:00Z' }] }),
    );
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'committed' });
    legacyIteration(2, false);
    put('01-add-the-numbers/iter/02/status.json', status(false, { timestamp: '2026-01-05T14:00:00Z' }));
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  it('keeps the folder of a step whose title changed, and shows one that left the plan', async () => {
    put('01-old-title/step.json', { ...record, title: 'Old title', slug: 'old-title' });
    put('07-gone/step.json', { ...record, n: 7, title: 'Gone', slug: 'gone' });
    expect(
      (await listSteps(project, fixtureRepo.run)).map(({ key, title, line }) => [key, title, line === null]),
    ).toEqual([
      ['01-old-title', 'Old title', false],
      ['02-second', 'Second', false],
      ['07-gone', 'Gone', true],
    ]);
  });

  it('shows what is damaged as one entry, beside the others', async () => {
    put('01-add-the-numbers/step.json', '{"n": ');
    legacyIteration(1, true);
    put('not-a-step/step.json', '{}');
    fs.writeFileSync(path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '03-file'), '');
    const steps = await listSteps(project, fixtureRepo.run);
    expect(steps).toMatchObject([
      { n: 1, state: 'damaged' },
      { n: 2, state: 'not-selected' },
    ]);
    expect(steps[0]?.why).toContain('step.json');
  });
});
