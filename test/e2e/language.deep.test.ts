import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { running } from '../support/processes';
import { until } from '../support/run';
import { useEditor } from './harness';
import { lenses, READY, rows } from './lenses';

const harness = useEditor();

test(
  'ordinary Markdown starts no server; one that is killed comes back, a person hears of it once, and ' +
    'a log of its ' +
    'own says more',
  async () => {
    const sample = await harness.sample();
    const window = await harness.open(sample.top);
    const servers = (): number[] =>
      running(path.join(harness.editor.dir, 'x'))
        .filter(({ command }) => /weld\.weld-[^/]*\/dist\/server\.js/u.test(command))
        .map(({ pid }) => pid);
    await window.openFile('README.md');
    await window.openFile('docs/greetings.md');
    await window.page.getByText('a language that is not known falls back to English').waitFor();
    expect(servers()).toEqual([]);

    await window.openFile('.weld/config.toml');
    for (let death = 0; death < 2; death++) {
      const [pid] = await until(
        'a server',
        () => {
          const all = servers();
          return all.length === 1 && all;
        },
        30_000,
      );
      process.kill(pid ?? 0, 'SIGKILL');
      await until(
        'another server',
        () => {
          const all = servers();
          return all.length === 1 && all[0] !== pid;
        },
        30_000,
      );
    }
    await window.toast(/language server stopped unexpectedly and was started again/u).waitFor();
    expect(await window.toasts.filter({ hasText: 'language server' }).count()).toBe(1);
    await window.command('Output: Show Output Channels...');
    await until(
      'the channel',
      async () => (await window.options()).some((option) => option.startsWith('Weld Language Server')),
      10_000,
    );
    await window.page.keyboard.press('Escape');
  },
);

test('in a workspace of several folders a lens acts on the folder whose plan it stands in', async () => {
  const [one, two] = [await harness.sample(), await harness.sample()];
  const window = await harness.open(
    harness.file(
      'both.code-workspace',
      JSON.stringify({
        folders: [
          { path: path.basename(one.top), name: 'one' },
          { path: path.basename(two.top), name: 'two' },
        ],
      }),
    ),
  );
  const journey = new Journey(window, two);
  await window.openView('Weld');
  await window.command('Weld: Start Run…');
  await window.pick(/two/u);
  await window.pick(/^greetings\.md/u);
  await window.answer('second');
  await window.toast(/Started ./u).waitFor();
  await journey.generatePlan();
  await window.clearToasts();
  await window.openFile(path.join(two.weldDir, 'runs', journey.run, 'plan', 'plan.raw.md'));
  await lenses(window, [READY, READY], 60_000);
  await (await rows(window))[0]?.row.getByRole('button', { name: 'Select' }).click();
  await until('step 1 to be selected', () => journey.step(1), 30_000);
  await window.tab('impl.prompt.md').waitFor();
  await window.tab('plan.raw.md').click();
  await lenses(window, [[...READY, 'selected'], READY]);
  expect(fs.existsSync(path.join(one.weldDir, 'runs'))).toBe(false);
});
