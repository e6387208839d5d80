import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import { contents } from '../support/runs';
import { SecondProcess } from '../support/second-process';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();
const LOCK = /active\.lock|^lock\//u;

test('while another process holds the lock, changing commands are refused, name it, and write nothing', async () => {
  const sample = await harness.sample();
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  fs.writeFileSync(path.join(sample.top, 'README.md'), 'changed by hand\n');
  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'step loop 1');
  try {
    await until(
      'the status bar to name the holder',
      async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`),
      20_000,
    );
    const before = {
      weld: contents(sample.weldDir, LOCK),
      git: contents(path.join(sample.top, '.git'), /^index$|FETCH_HEAD/u),
      status: await git(sample.top, 'status', '--porcelain'),
    };
    const refused = async (label: string, answer?: () => Promise<void>): Promise<void> => {
      await window.clearToasts();
      await window.command(label);
      await answer?.();
      const toast = window.toast(new RegExp(`process ${other.pid}\\b`, 'u')).first();
      await toast.waitFor({ timeout: 15_000 }).catch(() => {
        throw new Error(`${label} was not refused`);
      });
      await toast.getByRole('button', { name: 'Wait', exact: true }).waitFor();
      await toast.getByRole('button', { name: 'Show', exact: true }).waitFor();
    };
    const step = (): Promise<void> => window.pick(/\b1 Greet by name/u);
    await refused('Weld: Generate Plan');
    await refused('Weld: Review Plan');
    await refused('Weld: Select Step', step);
    await refused('Weld: Run Step Loop', step);
    await refused('Weld: Run Checks', step);
    await refused('Weld: Commit Step Work…', async () => {
      await window.pick(/All Changes/u);
      await window
        .modal(/has not passed/u)
        .getByRole('button', { name: 'Commit Anyway' })
        .click();
      await window.answer('a message');
    });
    expect(contents(sample.weldDir, LOCK)).toEqual(before.weld);
    expect(contents(path.join(sample.top, '.git'), /^index$|FETCH_HEAD/u)).toEqual(before.git);
    expect(await git(sample.top, 'status', '--porcelain')).toBe(before.status);
  } finally {
    await other.release();
  }
  await until(
    'the status bar to show that it is free',
    async () => !((await window.lock.textContent()) ?? '').includes('pid'),
    20_000,
  );
});

/** Opens a window that shows a lock held by another process. */
async function heldElsewhere() {
  const sample = await harness.sample();
  await seed(sample, { plan: false });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'plan import');
  await until(
    'the status bar to name the holder',
    async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`),
    20_000,
  );
  return { sample, window, other };
}

test('the lock of a process that died is seen at once and does not stand in the way', async () => {
  const { sample, window, other } = await heldElsewhere();
  await other.kill();
  await until(
    'the status bar to say that it was left behind',
    async () => ((await window.lock.textContent()) ?? '').includes('stale lock'),
    20_000,
  );
  await window.clearToasts();
  await window.command('Weld: Generate Plan');
  await window.toast(/The plan has 2 steps/u).waitFor();
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
});

test("the lock of a holder that lives is the person's to take over", async () => {
  const { sample, window, other } = await heldElsewhere();
  try {
    await window.clearToasts();
    await window.command('Weld: Take Over Lock…');
    await window.page
      .locator('.monaco-dialog-box')
      .getByRole('button', { name: /Take Over/u })
      .click();
    await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);
  } finally {
    await other.kill();
  }
});
