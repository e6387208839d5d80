import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'vitest';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { SlowCheck } from '../support/slow-check';
import { useEditor } from './harness';

const harness = useEditor();
test('Stop in the view and in the status bar finds the work, whichever repository is in front', async () => {
  const check = new SlowCheck(harness.folder('check'));
  const [idle, busy] = [await harness.sample(), await harness.sample({ checks: { slow: check.command } })];
  const workspace = harness.workspace({ idle: idle.top, busy: busy.top });
  const window = await harness.open(workspace);
  const journey = new Journey(window, busy);
  await window.openView('Weld');
  await window.row('busy').waitFor();
  await window.command('Weld: Start Run…');
  await window.pick(/busy/u);
  await window.pick(/^greetings\.md/u);
  await window.answer('greetings');
  await journey.generatePlan();
  await window.expand('greetings');
  const lock = path.join(busy.weldDir, 'active.lock');
  const loop = async (): Promise<void> => {
    await window.clearToasts();
    await window.menu(/^1 Greet by name/u, 'Run Step Loop');
    await until('the check to run', () => check.running, 30_000);
  };

  await loop();
  await window.row('idle').click(); // a title action receives the selected row
  const title = window.page
    .locator('[id="workbench.parts.sidebar"]')
    .getByRole('button', { name: 'Stop Step Loop' })
    .first();
  await title.click();
  await until('the lock to be free', () => !fs.existsSync(lock), 10_000);

  check.forget();
  await loop();
  await window.status('weld.weld.weld.stop').click();
  await until('the lock to be free again', () => !fs.existsSync(lock), 10_000);
});
