import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { createFixtureRepo, type FixtureRepo, json, removeFixtureRepo } from './support/fixtureRepo';
import { operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SECOND = [
  {
    task: 'implementation',
    step: 2,
    attempt: 1,
    answer: 'Done.',
    edits: [{ path: 'second.txt', content: 'second\n' }],
  },
  { task: 'implementation_review', step: 2, attempt: 1, answer: verdict(true) },
] as const;

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo([...ONE_ITERATION, ...SECOND]);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const loop = (step: number) => operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step }));
const patch = (key: string): string =>
  fs.readFileSync(path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, key, 'iter/01/diff.patch'), 'utf8');

it('a step that was selected before another passed begins with what that one left, and says so', async () => {
  await select(fixtureRepo, project, 1);
  await select(fixtureRepo, project, 2);
  await loop(1);
  fs.writeFileSync(path.join(fixtureRepo.top, 'mine.txt'), 'edited by a person since\n');
  expect(await loop(2)).toMatchObject({ passed: true });
  expect(patch('02-second')).toContain('second.txt');
  expect(patch('02-second')).toContain('mine.txt');
  expect(patch('02-second')).not.toContain('add.mjs');
  const [first, second] = [
    await readStepState(project, fixtureRepo.run, 1),
    await readStepState(project, fixtureRepo.run, 2),
  ];
  expect(second).toMatchObject({ state: 'passed', base: first.iterations[0]?.tree });
  expect(
    (
      json(path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '02-second/iter/01/status.json'))[
        'notices'
      ] as string[]
    ).join(' '),
  ).toContain('Step 1 passed after step 2 was selected');
});

it('a step that was selected after the other passed keeps its own beginning', async () => {
  await select(fixtureRepo, project, 1);
  await loop(1);
  fs.writeFileSync(path.join(fixtureRepo.top, 'mine.txt'), 'edited by a person before\n');
  await select(fixtureRepo, project, 2);
  await loop(2);
  expect(patch('02-second')).not.toContain('mine.txt');
  expect(patch('02-second')).not.toContain('add.mjs');
});
