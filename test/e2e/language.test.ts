import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Journey } from '../support/journey';
import { running } from '../support/processes';
import { until } from '../support/run';
import { seed } from '../support/seed';
import { SecondProcess } from '../support/second-process';
import { SlowCheck } from '../support/slow-check';
import type { Workbench } from '../support/workbench';
import { useEditor } from './harness';

const harness = useEditor();
const READY = ['Select', 'Run loop', 'Snapshot', 'Skip'];

/** The rows of lenses in view, from the top; a row's lenses are told apart by the bars between them. */
async function rows(window: Workbench): Promise<{ readonly row: Locator; readonly titles: readonly string[] }[]> {
  const all = await window.page.locator('.codelens-decoration').all(); // FRAGILE: lenses have no role but that of their links
  // One that goes while it is looked at is none.
  const placed = await Promise.all(all.map(async (row) => ({ row, y: (await row.boundingBox({ timeout: 1_000 }).catch(() => null))?.y ?? Infinity, text: (await row.textContent({ timeout: 1_000 }).catch(() => null)) ?? '' })));
  return placed.toSorted((a, b) => a.y - b.y).map(({ row, text }) => ({ row, titles: text.split('|').map((title) => title.replaceAll('\u00a0', ' ').trim()) }));
}

/** Waits until the lenses are these, row by row. */
async function lenses(window: Workbench, wanted: readonly (readonly string[])[], withinMs = 20_000): Promise<void> {
  let seen: readonly (readonly string[])[] = [];
  const same = async (): Promise<boolean> => {
    seen = (await rows(window)).map(({ titles }) => titles);
    return JSON.stringify(seen) === JSON.stringify(wanted);
  };
  await until('the lenses', same, withinMs).catch((error: unknown) => {
    expect(seen, String(error)).toEqual(wanted);
  });
}

test('a plan is run where it stands: a lens gives way to another holder, starts the loop and shows what came of it', async () => {
  const check = new SlowCheck(harness.folder('check'));
  const sample = await harness.sample({ checks: { slow: check.command } });
  await seed(sample);
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await window.openView('Weld');
  await window.expand('greetings');
  await window.row('Plan').dblclick();
  await window.tab('plan.raw.md').waitFor();
  await lenses(window, [READY, READY], 60_000);

  const other = await SecondProcess.hold(sample.weldDir, journey.run, 'plan import');
  try {
    const locked = [expect.stringContaining(`locked by plan import, process ${other.pid}`) as unknown as string];
    await until('both steps to be locked', async () => { const all = await rows(window); return all.length === 2 && all.every(({ titles }) => titles[0]?.startsWith('locked by')); }, 20_000);
    expect((await rows(window)).map(({ titles }) => titles)).toEqual([locked, locked]);
    expect(await window.page.locator('.codelens-decoration').getByRole('button').count()).toBe(0);
  } finally {
    await other.release();
  }
  await lenses(window, [READY, READY]);

  await (await rows(window))[0]?.row.getByRole('button', { name: 'Run loop' }).click();
  await until('the loop to reach its check', () => check.running, 30_000);
  const holder = JSON.parse(fs.readFileSync(path.join(sample.weldDir, 'active.lock'), 'utf8')) as { command: string; run_id: string };
  expect(holder).toMatchObject({ command: 'step loop 1', run_id: journey.run });
  expect(await window.lock.textContent()).toContain('step loop 1');
  await window.progress(/step 1, iteration 1 of 5/u).waitFor();
  await lenses(window, [['running', 'Stop', 'iterations 1/5, checks'], ['step loop 1 is running']]);

  check.finish();
  expect(await journey.loopEnd(1)).toContain('passed in iteration 1');
  await lenses(window, [['Select', 'Run loop', 'Snapshot', 'iterations 1/5, passed'], ['met, iteration 1'], READY]);
  expect(journey.step(1)?.iterations).toMatchObject([{ n: 1, status: { pass: true } }]);
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
});

test('ordinary Markdown starts no server; one that is killed comes back, a person hears of it once, and a log of its own says more', async () => {
  const sample = await harness.sample();
  const window = await harness.open(sample.top);
  const servers = (): number[] => running(path.join(harness.editor.dir, 'x')).filter(({ command }) => /weld\.weld-[^/]*\/dist\/server\.js/u.test(command)).map(({ pid }) => pid);
  await window.openFile('README.md');
  await window.openFile('docs/greetings.md');
  await window.page.getByText('a language that is not known falls back to English').waitFor();
  expect(servers()).toEqual([]);

  await window.openFile('.weld/config.toml');
  for (let death = 0; death < 2; death++) {
    const [pid] = await until('a server', () => { const all = servers(); return all.length === 1 && all; }, 30_000);
    process.kill(pid ?? 0, 'SIGKILL');
    await until('another server', () => { const all = servers(); return all.length === 1 && all[0] !== pid; }, 30_000);
  }
  await window.toast(/language server stopped unexpectedly and was started again/u).waitFor();
  expect(await window.toasts.filter({ hasText: 'language server' }).count()).toBe(1);
  await window.command('Output: Show Output Channels...');
  await until('the channel', async () => (await window.options()).some((option) => option.startsWith('Weld Language Server')), 10_000);
  await window.page.keyboard.press('Escape');
});

test('in a workspace of several folders a lens acts on the folder whose plan it stands in', async () => {
  const [one, two] = [await harness.sample(), await harness.sample()];
  const window = await harness.open(harness.file('both.code-workspace', JSON.stringify({ folders: [{ path: path.basename(one.top), name: 'one' }, { path: path.basename(two.top), name: 'two' }] })));
  const journey = new Journey(window, two);
  await window.openView('Weld');
  await window.command('Weld: Start Run…');
  await window.pick(/two/u);
  await window.pick(/^greetings\.md/u);
  await window.answer('second');
  await window.toast(/has begun/u).waitFor();
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
