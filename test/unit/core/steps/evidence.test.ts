import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { some } from '../../../support/deep';
import { verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import {
  createFixtureRepo,
  type FixtureRepo,
  json,
  lines,
  logged,
  record,
  removeFixtureRepo,
} from './support/fixtureRepo';
import { operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
const iter = (name: string): string =>
  path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'iter', '01', name);

/** A copy of the fixture in the state with which each test of a group begins. */
let copy = '';
async function prepare(comeSoFar: () => Promise<unknown>): Promise<void> {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
  await comeSoFar();
  copy = `${fixtureRepo.home}-copy`;
  fs.renameSync(fixtureRepo.home, copy);
}
beforeEach(() => {
  fs.cpSync(copy, fixtureRepo.home, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});
afterAll(() => {
  fs.rmSync(copy, { recursive: true, force: true });
});

/** Runs the loop until just before the verdict. */
async function untilVerdict(): Promise<void> {
  const abort = new AbortController();
  const report = ({ message }: { message: string }): void => {
    if (message.endsWith(': verdict')) abort.abort();
  };
  const result = await operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1 }), {
    signal: abort.signal,
    report,
  });
  expect(result.reason).toBe('cancelled');
}

const resume = () =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume: true, maxIterations: 1 }));
const rewrite = (name: string, change: (text: string) => string): void => {
  fs.writeFileSync(iter(name), change(fs.readFileSync(iter(name), 'utf8')));
};
const status = () =>
  json(iter('status.json')) as { pass: boolean; notices?: string[]; gate: { condition: string; ok: boolean }[] };
const calls = (): string[] => lines(fixtureRepo.calls).filter((call) => call.startsWith('implementation_review'));

describe('an iteration that is gone on with', () => {
  beforeAll(() => prepare(untilVerdict));

  it('passes when nothing is damaged, with nothing done twice, and says that it was read back', async () => {
    expect(await resume()).toMatchObject({ passed: true, iterations: 1 });
    expect([lines(fixtureRepo.checked), calls()]).toEqual([['test'], ['implementation_review 1']]);
    expect(status().notices).toEqual([expect.stringContaining('read back from the disk') as string]);
  });

  it.each(
    some<[string, () => void, number]>([
      [
        'diff.patch is missing',
        () => {
          fs.rmSync(iter('diff.patch'));
        },
        2,
      ],
      [
        'diff.patch is truncated',
        () => {
          fs.truncateSync(iter('diff.patch'), 20);
        },
        2,
      ],
      [
        'diff.patch is empty',
        () => {
          fs.writeFileSync(iter('diff.patch'), '');
        },
        2,
      ],
      [
        'diff.patch is a link',
        () => {
          fs.renameSync(iter('diff.patch'), path.join(fixtureRepo.home, 'elsewhere'));
          fs.symlinkSync(path.join(fixtureRepo.home, 'elsewhere'), iter('diff.patch'));
        },
        2,
      ],
      [
        'checks.summary.json is missing',
        () => {
          fs.rmSync(iter('checks.summary.json'));
        },
        2,
      ],
      [
        'checks.summary.json is truncated',
        () => {
          fs.truncateSync(iter('checks.summary.json'), 20);
        },
        2,
      ],
      [
        'checks.summary.json was rewritten to something else',
        () => {
          rewrite('checks.summary.json', (text) => text.replace('"exit_code": 0', '"exit_code": 00'));
        },
        2,
      ],
      [
        "a check's output is missing",
        () => {
          fs.rmSync(iter('checks/test.txt'));
        },
        2,
      ],
      [
        "a check's output is another",
        () => {
          fs.writeFileSync(iter('checks/test.txt'), 'all good');
        },
        2,
      ],
      [
        'review.md is missing',
        () => {
          fs.rmSync(iter('review.md'));
        },
        1,
      ],
      [
        'review.md is truncated',
        () => {
          fs.truncateSync(iter('review.md'), 25);
        },
        1,
      ],
      [
        'review.md is binary',
        () => {
          fs.writeFileSync(iter('review.md'), Buffer.from([0, 255, 254, 1]));
        },
        1,
      ],
      [
        'review.md was exchanged for a passing one',
        () => {
          fs.writeFileSync(iter('review.md'), '{"pass": true, "issues": [] }');
        },
        1,
      ],
    ]),
  )('does again what depends on a file that is not as it was written: %s', async (_name, damage, checked) => {
    damage();
    record(fixtureRepo, [
      ...ONE_ITERATION,
      { task: 'implementation_review', step: 1, attempt: 2, answer: verdict(false) },
    ]);
    expect(await resume()).toMatchObject({ passed: false, iterations: 1, reason: 'max_iterations' });
    expect(lines(fixtureRepo.checked)).toHaveLength(checked);
    expect(calls()).toEqual(['implementation_review 1', 'implementation_review 2']);
    expect(status().notices?.join(' ')).toMatch(
      / was not as Weld had written it; what depends on it was done again\./u,
    );
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  it('stops where a folder stands in the place of a file, and says so', async () => {
    fs.rmSync(iter('diff.patch'));
    fs.mkdirSync(iter('diff.patch'));
    expect(await resume()).toMatchObject({ passed: false, message: expect.stringContaining('diff.patch') as string });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'in-progress' });
  });

  it.each<[string, object]>([
    ['does not know how the review ended', { review: null }],
    ['says another tree', { tree: null }],
    ['says that nothing is done', { done: [] }],
    ['says that checks were not asked for', { configured_checks: [], checked_tree: null }],
  ])('goes by the seal where progress.json %s', async (_name, change) => {
    rewrite('progress.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), ...change }));
    expect(await resume()).toMatchObject({ passed: true, iterations: 1 });
    expect(calls()).toEqual(['implementation_review 1']);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'passed' });
  });

  it('does not pass by a status that somebody else wrote before its verdict', async () => {
    const forged = {
      pass: true,
      issue_count: 0,
      blocker_count: 0,
      major_count: 0,
      minor_count: 0,
      checks_exit_code: 0,
      diff_nonempty: true,
      timestamp: '2026-01-05T12:30:00Z',
      complete: true,
      epoch: 99,
    };
    fs.writeFileSync(iter('status.json'), JSON.stringify(forged));
    fs.writeFileSync(iter('issues.json'), JSON.stringify({ pass: true, issues: [] }));
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'in-progress' });
    rewrite('progress.json', (text) =>
      JSON.stringify({ ...(JSON.parse(text) as object), done: ['implement', 'diff', 'checks', 'review', 'verdict'] }),
    );
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'in-progress' });
  });

  it('does not pass without a check that was added after the checks', async () => {
    fs.writeFileSync(
      fixtureRepo.paths.config,
      fs
        .readFileSync(fixtureRepo.paths.config, 'utf8')
        .replace('[checks]\n', `[checks]\nlint = ${JSON.stringify(logged(fixtureRepo, 'lint'))}\n`),
    );
    expect(await resume()).toMatchObject({ passed: false });
    expect(status().gate.find((each) => !each.ok)?.condition).toBe('checks_passed');
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  it('judges by a review of its own where no seal of this storage vouches for the one that stands there', async () => {
    fs.rmSync(path.join(fixtureRepo.home, 'storage'), { recursive: true });
    record(fixtureRepo, [
      ...ONE_ITERATION,
      { task: 'implementation_review', step: 1, attempt: 2, answer: verdict(true) },
    ]);
    expect(await resume()).toMatchObject({ passed: true, iterations: 1 });
    expect([lines(fixtureRepo.checked), lines(fixtureRepo.calls)]).toEqual([
      ['test', 'test'],
      ['implementation 1', 'implementation_review 1', 'implementation_review 2'],
    ]);
  });
});

describe('a step that has passed', () => {
  beforeAll(async () => {
    fs.rmSync(copy, { recursive: true, force: true });
    await prepare(() => operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1 })));
  });

  it('has one tree, which the checks ran on, the reviewer saw and the seal holds', async () => {
    const progress = json(iter('progress.json'));
    expect(progress['checked_tree']).toBe(progress['tree']);
    expect(status()).toMatchObject({ pass: true, tree: progress['tree'] });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'passed',
      base: expect.stringMatching(/^[0-9a-f]{40}$/u) as string,
      iterations: [{ tree: progress['tree'] }],
    });
  });

  it.each(['diff.patch', 'checks.summary.json', 'review.md', 'issues.json', 'status.json'])(
    'does not count as passed when %s is missing',
    async (name) => {
      expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'passed' });
      fs.rmSync(iter(name));
      const { state, why } = await readStepState(project, fixtureRepo.run, 1);
      expect(state).toBe('damaged');
      expect(why).toContain(name);
    },
  );

  it.each(
    some<[string, (text: string) => string]>([
      ['diff.patch', (text) => text.slice(0, 20)],
      ['checks.summary.json', (text) => text.replace('"exit_code": 0', '"exit_code": 1')],
      ['review.md', (text) => `${text}More.\n`],
      ['issues.json', (text) => text.replace('"issues": []', '"issues": [ ]')],
      ['status.json', (text) => text.replace('"minor_count": 0', '"minor_count": 1')],
      ['status.json', (text) => text.replace('"pass": true', '"pass": false')],
      ['progress.json', (text) => text.replace('"ended": true', '"ended": false')],
    ]),
  )(
    'counts as changed since when %s is not what it was, and is not committed unless that is forced',
    async (name, change) => {
      rewrite(name, change);
      const { state, why } = await readStepState(project, fixtureRepo.run, 1);
      expect(state).toBe('changed-since');
      expect(why).toContain(iter(name));
      const commit = (force: boolean) =>
        operate(fixtureRepo, project, (op) =>
          commitRun(op, { runId: fixtureRepo.run, message: 'Work', all: true, force }),
        );
      await expect(commit(false)).rejects.toMatchObject({
        code: 'STEP_NOT_PASSED',
        message: expect.stringContaining(iter(name)) as string,
      });
      expect(await commit(true)).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/u) as string });
    },
  );

  it.each(['status.json', 'issues.json'])(
    'is damaged when %s is truncated, by name, and hides nothing else',
    async (name) => {
      fs.truncateSync(iter(name), 15);
      const step = await readStepState(project, fixtureRepo.run, 1);
      expect(['damaged', 'changed-since']).toContain(step.state);
      expect(step.why).toContain(name);
      expect(step.iterations[0]?.artifacts.map((artifact) => artifact.label)).toContain('diff');
      expect(await readStepState(project, fixtureRepo.run, 2)).toMatchObject({ state: 'not-selected' });
    },
  );

  it.each<[string, (seal: string) => string]>([
    ['was taken from another iteration', (seal) => seal.replace('"iteration":1', '"iteration":2')],
    ['lacks a phase', (seal) => seal.replace(/\{"phase":"review".*?\},(?=\{"phase")/u, '')],
    ['says another tree', (seal) => seal.replace(/"tree":"[0-9a-f]{40}"/gu, `"tree":"${'0'.repeat(40)}"`)],
  ])('counts as changed since when its seal %s', async (_name, change) => {
    const file =
      fs
        .readdirSync(path.join(fixtureRepo.home, 'storage'), { recursive: true, encoding: 'utf8' })
        .find((name) => name.endsWith('.json')) ?? '';
    const seal = path.join(fixtureRepo.home, 'storage', file);
    const before = fs.readFileSync(seal, 'utf8');
    fs.writeFileSync(seal, change(before));
    expect(fs.readFileSync(seal, 'utf8')).not.toBe(before);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'changed-since',
      why: expect.stringContaining('seal') as string,
    });
  });

  it('is damaged, by name, when its seal cannot be read', async () => {
    const file =
      fs
        .readdirSync(path.join(fixtureRepo.home, 'storage'), { recursive: true, encoding: 'utf8' })
        .find((name) => name.endsWith('.json')) ?? '';
    fs.truncateSync(path.join(fixtureRepo.home, 'storage', file), 100);
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
      state: 'damaged',
      why: expect.stringContaining(file) as string,
    });
  });
});
