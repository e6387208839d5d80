import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { pace } from '../support/pace';
import { alive } from '../support/processes';
import { until } from '../support/run';
import { contents } from '../support/runs';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import { useEditor } from './harness';
import { atCheck, besideLoop } from './scenes';

const harness = useEditor();

test(
  'a loop that ends behind another window is announced; one that ends in front of the person is not, where ' +
    'they want it so',
  async () => {
    const check = new SlowCheck(harness.folder('check'));
    check.finish();
    const sample = await harness.sample({ checks: { slow: check.command } });
    fs.mkdirSync(path.join(sample.top, '.vscode'));
    fs.writeFileSync(
      path.join(sample.top, '.vscode', 'settings.json'),
      JSON.stringify({ 'weld.announceEnd': 'unfocused' }),
    );
    await seed(sample, { step: 1 });
    const window = await harness.open(sample.top);
    const { page } = window;
    // The driver reports every page as focused.
    await (await page.context().newCDPSession(page)).send('Emulation.setFocusEmulationEnabled', { enabled: false });
    await page.bringToFront();
    const journey = new Journey(window, sample);
    await journey.startLoop(1);
    await until(
      'the first loop to end',
      () =>
        journey.step(1)?.iterations[0]?.status?.pass === true &&
        !fs.existsSync(path.join(sample.weldDir, 'active.lock')),
      60_000,
    );
    await until(
      'the lock to be shown as free',
      async () => !/step loop/u.test((await window.lock.textContent()) ?? ''),
    );
    await page.waitForTimeout(1000 * pace.factor); // there is no signal that nothing will come
    expect(await window.toast(/Step 1 passed/u).count()).toBe(0);

    check.hold();
    await journey.selectStep(2);
    await journey.startLoop(2);
    await until('the check to run', () => check.running, 30_000);
    await (await page.context().newPage()).bringToFront();
    expect(await page.evaluate('document.hasFocus()')).toBe(false);
    check.finish();
    await window.toast(/Step 2 passed/u).waitFor({ timeout: 60_000 });
  },
);

test('a run can be started while another window works', async () => {
  const { check, sample } = await atCheck(harness);
  const second = await harness.open(sample.top);
  await new Journey(second, sample).startRun('another');
  expect(fs.readdirSync(path.join(sample.weldDir, 'runs'))).toHaveLength(2);
  check.finish();
});

test('SIGKILL of the extension host leaves no descendant; the other window sees a stale lock and continues', async () => {
  const { check, second, journey, holder } = await besideLoop(harness);
  const iteration = path.join(journey.step(1)?.folder ?? '', 'iter', '01');
  const before = contents(iteration, /progress\.json|timing\.json|^checks/u);

  process.kill(holder.pid, 'SIGKILL');
  const killed = Date.now();
  await until(
    'the second window to show that the lock was left behind',
    async () => ((await second.lock.textContent()) ?? '').includes('stale lock'),
    20_000,
  );
  console.log(`stale shown ${Date.now() - killed} ms after the kill`);
  await until('every process of the check to be gone', () => !check.pids().some(alive), 5000);
  console.log(`no descendant ${Date.now() - killed} ms after the kill`);
  expect(contents(iteration, /progress\.json|timing\.json|^checks/u)).toEqual(before);

  check.finish();
  await second.toastButton(/was interrupted while/u, 'Continue'); // although that window was open all the time
  await until('the step to pass in the second window', () => journey.step(1)?.iterations.at(-1)?.status?.pass, 60_000);
  // It continues from the phase it had reached: the same iteration, answer and patch, without another agent call.
  expect(journey.step(1)?.iterations).toHaveLength(1);
  expect(contents(iteration, /progress\.json|timing\.json|^checks/u)).toMatchObject(before);
  const { calls } = JSON.parse(fs.readFileSync(path.join(iteration, 'progress.json'), 'utf8')) as {
    calls: Record<string, number>;
  };
  expect(calls).toEqual({ implementation: 1, implementation_review: 1 });
});

test('a window whose lock was taken over says so, and its Resume goes on where the loop was', async () => {
  const { check, first, second, journey } = await besideLoop(harness);
  await second.command('Weld: Take Over Lock…');
  await second
    .modal(/Take over the run lock/u)
    .getByRole('button', { name: 'Take Over', exact: true })
    .click();
  const lost = first.toast(/lost the run lock/u);
  await lost.waitFor({ timeout: 30_000 });
  check.finish();
  await lost.getByRole('button', { name: 'Continue' }).click();
  await until('the step to pass in the first window', () => journey.step(1)?.iterations[0]?.status?.pass, 60_000);
  expect(journey.step(1)?.iterations).toHaveLength(1);
});
