import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('a failing check is red, counts its problems, and shows them in the Problems panel', async () => {
  const sample = await harness.sample({ checks: { words: 'node words.mjs' } });
  const said = 'src/greet.mjs:2:3: error: no word for a greeting';
  const lines = ["import fs from 'node:fs';", "if (fs.existsSync('src/greet.mjs')) {", `  console.log('${said}');`];
  fs.writeFileSync(path.join(sample.top, 'words.mjs'), [...lines, '  process.exitCode = 1;', '}', ''].join('\n'));
  await git(sample.top, 'add', '--all');
  await git(sample.top, 'commit', '--quiet', '--message', 'Check the words');
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  await window.openView('Weld');
  const journey = new Journey(window, sample);
  await journey.startLoop(1);
  await journey.loopEnd(1);
  await window.clearToasts();
  await until(
    'the check to be shown',
    async () => (await window.problems()).some((line) => line.includes('no word for a greeting')),
    90_000,
  );
  await window.openView('Weld');
  await window.expand(/^greetings/u);
  await window.expand(/^1 Greet by name/u);
  await window.expand(/^Iteration 1/u);
  await window.reveal(/^Check words/u);
  const row = (await window.rows()).find(({ label }) => label === 'Check words');
  expect(row?.description).toBe('1 problem · exit code 1');
});
