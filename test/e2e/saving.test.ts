import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

// A window in a browser saves by itself after a second; the desktop does not.
const harness = useEditor({ settings: { 'files.autoSave': 'off' } });

test('unsaved editors are saved once the person says so, left alone if not, and "Always" asks no more', async () => {
  // A second try must not begin with what the first has remembered.
  harness.editor.set({ 'weld.saveBeforeRun': 'ask' });
  const sample = await harness.sample({ checks: {} });
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const file = path.join(sample.top, 'README.md');
  const lock = path.join(sample.top, '.weld/active.lock');
  const onDisk = (): string => fs.readFileSync(file, 'utf8');
  const original = onDisk();
  const type = (text: string): Promise<void> => window.typeAtStart('README.md', text);
  const check = async (answer?: string): Promise<void> => {
    await window.clearToasts();
    await window.command('Weld: Check Now');
    await journey.pickStep(1);
    if (answer !== undefined) await window.modal(/Save README\.md first/u).getByRole('button', { name: answer, exact: true }).click();
    await window.toast(/iteration \d|changed nothing yet/u).first().waitFor();
  };

  // The message may be of the check before, so what is waited for is the file, and then the end of the check.
  const saved = async (text: string): Promise<void> => {
    await until(`README.md to begin with ${text}`, () => onDisk() === `${text}${original}`);
    await until('the check to end', () => !fs.existsSync(lock));
  };

  await type('One. ');
  await check("Don't Save");
  await until('the check to end', () => !fs.existsSync(lock));
  expect(onDisk()).toBe(original);
  await check('Save');
  await saved('One. ');
  await type('Two. ');
  await check('Always Save');
  await saved('Two. One. ');
  await type('Three. ');
  await check();
  await saved('Three. Two. One. ');
});
