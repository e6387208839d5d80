import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { git } from '../support/git';
import { until } from '../support/run';
import { useEditor } from './harness';

const harness = useEditor();

test('Try a Sample Run leads from an empty window to two commits in eight clicks', async () => {
  const window = await harness.editor.open(); // no folder, so there is no lock to wait for
  await window.openView('Weld');
  const view = window.page.locator('[id="workbench.parts.sidebar"]');
  await view.getByRole('button', { name: 'Try a Sample Run' }).click(); // 1; pressed once, or there would be two
  await window.row('greetings').waitFor({ timeout: 120_000 });
  await window.tab(/Preview README\.md/u).waitFor();
  const folder = /folder=([^&]+)/u.exec(decodeURIComponent(window.page.url()))?.[1] ?? '';
  expect(folder).toMatch(/weld-sample-[^/]+\/greetings$/u);
  onTestFinished(() => {
    fs.rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  await window.press(window.row(/^Next: /u), window.quick.getByRole('option')); // 2
  await window.pick(/Generate Plan/u); // 3
  await window.toastButton(/The plan has 2 steps/u, 'Review Plan'); // 4
  await window.toastButton(/The reviewer revised the plan/u, 'Apply'); // 5
  await window.toast(/Revised plan applied/u).waitFor();
  await window.menu('greetings', 'Run Remaining Steps…'); // 6, 7
  await window.pick(/Run and Commit Each Step/u); // 8
  await window.toast(/Steps 1, 2 passed\./u).waitFor({ timeout: 60_000 });
  expect((await git(folder, 'log', '--reverse', '--format=%s')).trim().split('\n')).toEqual([
    'Start',
    'Greet by name',
    "Greet in the person's language",
  ]);
  await until('the lock to be free', () => !fs.existsSync(path.join(folder, '.weld/active.lock')), 10_000);
  expect((await git(folder, 'status', '--porcelain')).trim()).toBe('');

  await window.menu('greetings', 'Show Run Report');
  await window.tab(/Preview .*greetings\.md/u).waitFor();
});
