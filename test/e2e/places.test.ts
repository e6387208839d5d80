import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
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
  await window.press(
    view.getByRole('button', { name: 'Initialize Repository' }),
    window.quick.getByRole('checkbox', { name: /No check was found/u }),
  );
  await window.page.keyboard.press('Enter');
  await view.getByText('No runs yet').waitFor();
  expect(fs.existsSync(path.join(folder, '.weld', 'config.toml'))).toBe(true);
  fs.writeFileSync(path.join(folder, 'thing.md'), '# A thing\n');
  await window.press(view.getByRole('button', { name: 'Start Run', exact: true }), window.quick.getByRole('option'));
  await window.pick(/^thing\.md/u);
  await window.answer('first');
  await window.row('first').waitFor();
});
