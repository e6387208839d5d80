import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { PLAN } from '../support/recordings';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('the tree shows states, opens artifacts and the diff of an iteration', async () => {
  const sample = await harness.sample();
  await seed(sample);
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await window.openView('Weld');
  await window.expand('greetings');
  await window.menu('1 Greet by name', 'Run Step Loop'); // not selected yet
  await journey.loopEnd(1);
  await window.clearToasts();

  await window.expand('1 Greet by name');
  const row = (await window.rows()).find((one) => one.label === '1 Greet by name');
  expect(row?.spoken).toMatch(/Step 1, Greet by name, passed/u);
  await window.press(window.row('Iteration 1'), window.tab('Step 1, iteration 1'));
  await window.page.locator('[id="workbench.parts.editor"]').getByText('greet.mjs').first().waitFor();

  await window.expand('Iteration 1');
  await window.row('Review').dblclick();
  await window.tab('review.md').waitFor();

  await journey.commit('Greet by name');
  await window.press(window.row('Iteration 1'), window.tab('diff.patch')); // its refs are deleted
  await window.menu('greetings', 'Continue'); // a run continues after a commit
  expect(await journey.loopEnd(2)).toContain('passed in iteration 2');
});

test('a plan that stands in a file is imported through the open dialog', async () => {
  const sample = await harness.sample();
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.startRun();
  expect(await journey.importPlan(harness.file('plan.md', PLAN))).toContain('2 steps');
});

test('Stop in the notification ends a loop in order, and Continue picks up where it stopped', async () => {
  const recording = (await import('../support/recordings')).sampleRecording(0);
  const slow = {
    ...recording,
    answers: recording.answers.map((answer) =>
      answer.task === 'implementation_review' ? { ...answer, delay_ms: 60_000 } : answer,
    ),
  };
  const sample = await harness.sample({ recording: slow });
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.startLoop(1);
  await until(
    'the checks to be done',
    () => journey.step(1)?.iterations[0]?.files.includes('checks.summary.json'),
    30_000,
  );
  await window.page
    .locator('.notification-toast')
    .filter({ hasText: 'Step 1' })
    .getByRole('button', { name: 'Cancel' })
    .click();
  await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);

  fs.writeFileSync(path.join(sample.weldDir, 'recording.json'), JSON.stringify(recording));
  const toast = window.toast(/step 1/iu).filter({ has: window.page.getByRole('button', { name: 'Continue' }) });
  await toast.getByRole('button', { name: 'Continue' }).click();
  await until('the step to pass', () => journey.step(1)?.iterations[0]?.status?.pass, 30_000);
  expect(journey.step(1)?.iterations).toHaveLength(1);
});
