import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { useEditor } from './harness';

const harness = useEditor({ trusted: false });

test('in Restricted Mode nothing runs and the view says why', async () => {
  const sample = await harness.sample();
  const window = await harness.editor.open(sample.top);
  await window.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await window.openView('Weld');
  await window.page.getByText('Restricted Mode').first().waitFor({ timeout: 60_000 });
  await window.page.getByRole('button', { name: 'Manage Workspace Trust' }).first().waitFor();

  const offered = await window.palette('Weld:');
  expect(offered.filter((label) => /Start Run|Generate|Loop|Commit|Initialize/u.test(label))).toEqual([]);
  await window.command('Weld: Check Setup');
  await window.quick
    .getByRole('option', { name: /This workspace is not trusted, so Weld starts no program in it/u })
    .waitFor();
  await window.page.keyboard.press('Escape');

  // A link runs its command even if the palette hides it.
  await window.command('Welcome: Open Walkthrough...');
  await window.pick(/From a specification to a commit/u);
  await window.page.getByRole('button', { name: 'Initialize Repository' }).last().click();
  await window.toast(/it does nothing in Restricted Mode/u).waitFor();
  expect(fs.existsSync(`${sample.weldDir}/runs`)).toBe(false);
});
