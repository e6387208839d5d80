import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../support/run';
import { SecondProcess } from '../support/second-process';
import { useEditor } from './harness';

const harness = useEditor();

test('an empty Runs view says what is missing, and leads from a plain folder to the first run', async () => {
  const folder = harness.folder('plain');
  const window = await harness.editor.open(folder); // without a repository there is no lock to wait for
  await window.openView('Weld');
  const view = window.page.locator('[id="workbench.parts.sidebar"]');
  await view.getByText('This folder is not in a git repository').waitFor();
  await window.press(view.getByRole('button', { name: 'Initialize Git Repository' }), window.quick);
  await window.pick(/^plain/u);
  await window.press(view.getByRole('button', { name: 'Initialize Repository' }), view.getByText('No runs yet'));
  expect(fs.existsSync(path.join(folder, '.weld', 'config.toml'))).toBe(true);
  fs.writeFileSync(path.join(folder, 'thing.md'), '# A thing\n');
  await window.press(view.getByRole('button', { name: 'Start Run', exact: true }), window.quick.getByRole('option'));
  await window.pick(/^thing\.md/u);
  await window.answer('first');
  await window.row('first').waitFor();
});

test('in a workspace of several folders each repository has its own runs and its own lock', async () => {
  const [one, two] = [await harness.sample(), await harness.sample()];
  fs.writeFileSync(path.join(one.top, 'of-one.txt'), 'one');
  fs.writeFileSync(path.join(two.top, 'of-two.txt'), 'two');
  const workspace = harness.file('both.code-workspace', JSON.stringify({ folders: [{ path: one.top, name: 'one' }, { path: two.top, name: 'two' }, { path: harness.folder('plain'), name: 'plain' }] }));
  const window = await harness.open(workspace);
  await window.openView('Weld');
  await window.row('one').waitFor();
  await window.command('Weld: Start Run…');
  await window.pick(/two/u);
  await window.pick(/^greetings\.md/u);
  await window.answer('second');
  await window.toast(/has begun/u).waitFor();
  await window.row('second').waitFor();
  expect(fs.existsSync(path.join(one.weldDir, 'runs'))).toBe(false);
  const [run] = fs.readdirSync(path.join(two.weldDir, 'runs'));
  const other = await SecondProcess.hold(two.weldDir, run ?? '');
  const shown = async (): Promise<boolean> => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`);
  try {
    await window.openFile('of-two.txt');
    await until('the status bar to show the lock of the folder in front', shown);
    await window.openFile('of-one.txt');
    await until('the status bar to follow the active editor', async () => !(await shown()));
  } finally {
    await other.release();
  }
});
