import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('unsaved editors are saved once the person says so, left alone if not, and "Always" asks no more', async () => {
  // A second try must not start with the choice that the first one remembered.
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
    await window.command('Weld: Run Checks');
    await journey.pickStep(1);
    if (answer !== undefined)
      await window
        .modal(/Save README\.md first/u)
        .getByRole('button', { name: answer, exact: true })
        .click();
    await window
      .toast(/iteration \d|changed nothing yet/u)
      .first()
      .waitFor();
  };

  // The message may belong to the previous check, so wait for the file, and then for the end of the check.
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

test('a commit takes what is staged or the chosen files, and changes that stand only in an editor', async () => {
  const sample = await harness.sample();
  await seed(sample, { plan: false });
  const window = await harness.open(sample.top);
  const commit = async (what: () => Promise<void>, message: string): Promise<string> => {
    await window.clearToasts();
    await window.command('Weld: Commit Step Work…');
    await what();
    await window.answer(message);
    const save = window.modal(/Save README\.md first/u);
    const committed = window.toast(/Committed as/u);
    await save.or(committed).first().waitFor();
    if (await save.isVisible()) await save.getByRole('button', { name: 'Save', exact: true }).click();
    await committed.waitFor();
    return git(sample.top, 'show', '--name-only', '--format=%s', 'HEAD');
  };
  for (const name of ['a.txt', 'b.txt', 'c.txt']) fs.writeFileSync(path.join(sample.top, name), name);
  await git(sample.top, 'add', 'a.txt');
  expect(await commit(() => window.pick(/What Is Staged/u), 'Staged')).toBe('Staged\n\na.txt');
  expect(
    await commit(async () => {
      await window.pick(/Choose Files/u);
      await window.quick
        .getByRole('checkbox', { name: /b\.txt/u })
        .first()
        .click();
      await window.quick.getByRole('button', { name: 'OK' }).click();
    }, 'Chosen'),
  ).toBe('Chosen\n\nb.txt');
  fs.rmSync(path.join(sample.top, 'c.txt'));

  await window.typeAtStart('README.md', 'Typed. ');
  await until('git to see nothing', async () => (await git(sample.top, 'status', '--porcelain')) === '');
  expect(await commit(() => window.pick(/All Changes/u), 'Typed')).toBe('Typed\n\nREADME.md');
});
