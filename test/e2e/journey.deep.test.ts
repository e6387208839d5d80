import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { PLAN } from '../support/recordings';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('a plan that stands in a file is imported through the open dialog', async () => {
  const sample = await harness.sample();
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.startRun();
  expect(await journey.importPlan(harness.file('plan.md', PLAN))).toContain('2 steps');
});

test('Stop in the notification ends a loop in order, and Resume goes on where it was', async () => {
  const recording = (await import('../support/recordings')).sampleRecording(0);
  const slow = { ...recording, answers: recording.answers.map((answer) => (answer.task === 'implementation_review' ? { ...answer, delay_ms: 60_000 } : answer)) };
  const sample = await harness.sample({ recording: slow });
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.startLoop(1);
  await until('the checks to be done', () => journey.step(1)?.iterations[0]?.files.includes('checks.summary.json'), 30_000);
  await window.page.locator('.notification-toast').filter({ hasText: 'Step 1' }).getByRole('button', { name: 'Cancel' }).click();
  await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);

  fs.writeFileSync(path.join(sample.weldDir, 'recording.json'), JSON.stringify(recording));
  const toast = window.toast(/step 1/iu).filter({ has: window.page.getByRole('button', { name: 'Resume' }) });
  await toast.getByRole('button', { name: 'Resume' }).click();
  await until('the step to pass', () => journey.step(1)?.iterations[0]?.status?.pass, 30_000);
  expect(journey.step(1)?.iterations).toHaveLength(1);
});
