import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { pace } from '../support/pace';
import { until } from '../support/run';
import { contents } from '../support/runs';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import { useEditor } from './harness';
import { besideLoop } from './scenes';

const harness = useEditor();

test('a second window on the folder is refused with the holder named, sees the state and may start another run', async () => {
  const { check, sample, first, second, journey, holder } = await besideLoop(harness);
  expect(harness.editor.server.hostPids).toContain(holder.pid);
  await until('the first window to show that it holds the lock', async () => /step loop 1/u.test((await first.lock.textContent()) ?? ''));

  const before = contents(sample.weldDir, /active\.lock|^lock\//u);
  await second.command('Weld: Generate Plan');
  const refusal = second.toast(new RegExp(`${holder.pid}`, 'u')).first();
  await refusal.waitFor();
  expect(contents(sample.weldDir, /active\.lock|^lock\//u)).toEqual(before);

  await refusal.getByRole('button', { name: 'Wait' }).click();
  check.finish();
  await until('the loop of the first window to end', () => journey.step(1)?.iterations[0]?.status?.pass, 60_000);
  // The recording has one plan only: the agent has no answer, but it was asked.
  await second.toast(/no answer for plan_generation/u).waitFor({ timeout: 60_000 });
});

test('a loop that ends behind another window is announced; one that ends in front of the person is not, where they want it so', async () => {
  const check = new SlowCheck(harness.folder('check'));
  check.finish();
  const sample = await harness.sample({ checks: { slow: check.command } });
  fs.mkdirSync(path.join(sample.top, '.vscode'));
  fs.writeFileSync(path.join(sample.top, '.vscode', 'settings.json'), JSON.stringify({ 'weld.announceEnd': 'unfocused' }));
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const { page } = window;
  // A page that is driven is told that it is in front, wherever it is.
  await (await page.context().newCDPSession(page)).send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await page.bringToFront();
  const journey = new Journey(window, sample);
  await journey.startLoop(1);
  await until('the first loop to end', () => journey.step(1)?.iterations[0]?.status?.pass === true && !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 60_000);
  await until('the lock to be shown as free', async () => !/step loop/u.test((await window.lock.textContent()) ?? ''));
  await page.waitForTimeout(1000 * pace.factor); // what is not to come has no sign
  expect(await window.toast(/Step 1 passed/u).count()).toBe(0);

  check.hold();
  await journey.selectStep(2);
  await journey.startLoop(2);
  await until('the check to run', () => check.running, 30_000);
  await (await page.context().newPage()).bringToFront();
  expect(await page.evaluate('document.hasFocus()')).toBe(false);
  check.finish();
  await window.toast(/Step 2 passed/u).waitFor({ timeout: 60_000 });
});
