import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('Run Remaining Steps asks once, and works through the plan with a commit for each step', async () => {
  const sample = await harness.sample();
  await seed(sample);
  const window = await harness.open(sample.top);
  await window.openView('Weld');
  await window.menu(/^greetings/u, 'Run Remaining Steps…');
  await window.pick(/Run and Commit Each Step/u);
  await window.toast(/Steps 1, 2 passed\./u).waitFor({ timeout: 60_000 });
  expect((await git(sample.top, 'log', '--reverse', '--format=%s')).split('\n').slice(1)).toEqual([
    'Greet by name',
    "Greet in the person's language",
  ]);
  await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);
});
