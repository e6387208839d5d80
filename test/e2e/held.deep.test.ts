import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { SecondProcess } from '../support/second-process';
import { useEditor } from './harness';

const harness = useEditor();

test('the lock of a process that died is seen at once and does not stand in the way', async () => {
  const sample = await harness.sample();
  await seed(sample, { plan: false });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'plan import');
  await until('the status bar to name the holder', async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`), 20_000);
  await other.kill();
  await until('the status bar to say that it was left behind', async () => ((await window.lock.textContent()) ?? '').includes('left behind'), 20_000);
  await window.clearToasts();
  await window.command('Weld: Generate Plan');
  await window.toast(/The plan has 2 steps/u).waitFor();
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
});

test('the lock of a holder that lives is the person\'s to take over', async () => {
  const sample = await harness.sample();
  await seed(sample, { plan: false });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'plan import');
  try {
    await until('the status bar to name the holder', async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`), 20_000);
    await window.clearToasts();
    await window.command('Weld: Take Over Lock…');
    await window.page.locator('.monaco-dialog-box').getByRole('button', { name: /Take Over/u }).click();
    await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);
  } finally {
    await other.kill();
  }
});
