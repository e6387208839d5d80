import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { SecondProcess } from '../support/second-process';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import { useEditor } from './harness';
import { lenses, READY, rows } from './lenses';

const harness = useEditor();

test('a plan is run in place: a lens gives way to another holder, starts the loop and shows the result', async () => {
  const check = new SlowCheck(harness.folder('check'));
  const sample = await harness.sample({ checks: { slow: check.command } });
  await seed(sample);
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await window.openView('Weld');
  await window.expand('greetings');
  await window.row('Plan').dblclick();
  await window.tab('plan.raw.md').waitFor();
  await lenses(window, [READY, READY], 60_000);

  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'plan import');
  try {
    const locked = [expect.stringContaining(`locked by plan import, process ${other.pid}`) as unknown as string];
    await until(
      'both steps to be locked',
      async () => {
        const all = await rows(window);
        return all.length === 2 && all.every(({ titles }) => titles[0]?.startsWith('locked by'));
      },
      20_000,
    );
    expect((await rows(window)).map(({ titles }) => titles)).toEqual([locked, locked]);
    expect(await window.page.locator('.codelens-decoration').getByRole('button').count()).toBe(0);
  } finally {
    await other.release();
  }
  await lenses(window, [READY, READY]);

  await (await rows(window))[0]?.row.getByRole('button', { name: 'Run Loop' }).click();
  await until('the loop to reach its check', () => check.running, 30_000);
  const holder = JSON.parse(fs.readFileSync(path.join(sample.weldDir, 'active.lock'), 'utf8')) as {
    command: string;
    run_id: string;
  };
  expect(holder).toMatchObject({ command: 'step loop 1', run_id: journey.run });
  expect(await window.lock.textContent()).toContain('step loop 1');
  await window.progress(/step 1, iteration 1 of 5/u).waitFor();
  await lenses(window, [['running', 'Stop', 'iterations 1/5, checks'], ['step loop 1 is running']]);

  check.finish();
  expect(await journey.loopEnd(1)).toContain('passed in iteration 1');
  await lenses(window, [['Select', 'Run Loop', 'Run Checks', 'iterations 1/5, passed'], ['met, iteration 1'], READY]);
  expect(journey.step(1)?.iterations).toMatchObject([{ n: 1, status: { pass: true } }]);
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
});
