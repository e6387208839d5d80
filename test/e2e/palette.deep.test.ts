import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json';
import words from '../../package.nls.json';
import { Journey } from '../support/journey';
import { PLAN, sampleRecording, verdict } from '../support/recordings';
import { until } from '../support/run';
import { SecondProcess } from '../support/second-process';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import type { Workbench } from '../support/workbench';
import { useEditor } from './harness';

const harness = useEditor();

const titleOf = (id: string): string => {
  const title = manifest.contributes.commands.find((command) => command.command === id)?.title ?? '';
  return `Weld: ${words[title.replaceAll('%', '') as keyof typeof words]}`;
};
const paletteEntries = manifest.contributes.menus.commandPalette;
/** All commands that the palette can show. */
const reachable = manifest.contributes.commands
  .map((command) => command.command)
  .filter((id) => paletteEntries.find((entry) => entry.command === id)?.when !== 'false');

const visited = new Set<string>();
async function palette(window: Workbench, id: string): Promise<void> {
  visited.add(id);
  await window.clearToasts();
  await window.command(titleOf(id));
}
const message = (window: Workbench, text: RegExp): Promise<void> => window.toast(text).first().waitFor();

function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

visited.add('weld.sample'); // sample.test.ts goes through it

test('a repository is prepared, looked at and configured', async () => {
  const sample = await harness.sample({ initialised: false });
  const window = await harness.open(sample.top);
  expect((await window.palette('Weld:')).some((label) => label.startsWith('Weld: Run Step Loop'))).toBe(false);
  await palette(window, 'weld.init');
  await window.quick.getByRole('checkbox', { name: /Codex, not installed/u }).waitFor();
  await window.page.keyboard.press('Enter');
  await message(window, /is ready for Weld/u);
  expect(fs.existsSync(path.join(sample.weldDir, 'config.toml'))).toBe(true);
  await palette(window, 'weld.config.open');
  await window.tab('config.toml').waitFor();
  await palette(window, 'weld.doctor');
  await window.quick.getByText('Weld: Setup').waitFor();
  expect((await window.options()).join('\n')).toMatch(/git/iu);
  await window.page.keyboard.press('Escape');
  await palette(window, 'weld.agents.list');
  await window.quick.getByRole('option', { name: /Codex/u }).waitFor();
  await window.page.keyboard.press('Escape');
  await palette(window, 'weld.agents.choose');
  await window.quick.getByRole('option').first().waitFor();
  await window.page.keyboard.press('Escape');
  await palette(window, 'weld.lock.show');
  await window.quick.getByText('Weld: Run Lock').waitFor();
  await window.page.keyboard.press('Escape');
  await palette(window, 'weld.showActivity');
  await palette(window, 'weld.showLog');
  await window.page.locator('[id="workbench.panel.output"]').waitFor();
  await palette(window, 'weld.refresh');
});

test('every command of a run works from the palette', async () => {
  const review = verdict(false, [{ severity: 'blocker', file: 'README.md', hint: 'Say more.' }]);
  const plain = sampleRecording(0);
  const recording = {
    ...plain,
    answers: plain.answers.map((answer) =>
      answer.task === 'implementation_review' && answer.step === 1 ? { ...answer, answer: review } : answer,
    ),
  };
  const sample = await harness.sample({ recording });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const step = (n: number): Promise<void> => journey.pickStep(n);

  visited.add('weld.run.start');
  await journey.startRun();
  await palette(window, 'weld.research.prompt');
  await window.tab('prompt.md').waitFor();
  await palette(window, 'weld.research.generate');
  await window.tab('research.md').waitFor();
  await palette(window, 'weld.research.review');
  await until('the review of the research to open', async () =>
    (await window.tabs()).some((tab) => /review/u.test(tab)),
  );
  // The tab alone is not enough: an editor that opens late would close the next dialog.
  await window.page
    .locator('[id="workbench.parts.editor"] .view-lines')
    .getByText('The research covers what the specification asks for.')
    .waitFor({ timeout: 5000 })
    .catch(() => undefined);
  await palette(window, 'weld.research.import');
  await window.chooseFile(harness.file('research.md', '# Research\n\nBy hand.\n'));
  await until('the research to be replaced', () =>
    fs.readFileSync(path.join(sample.weldDir, 'runs', journey.run, 'research/research.md'), 'utf8').includes('By hand'),
  );

  await palette(window, 'weld.plan.prompt');
  await window.tab('plan.prompt.md').waitFor();
  await palette(window, 'weld.plan.import');
  await window.chooseFile(harness.file('plan.md', PLAN.replace('Greet by name', 'Greet')));
  await message(window, /The plan has 2 steps/u);
  await palette(window, 'weld.plan.generate');
  await message(window, /The plan has 2 steps/u);
  await palette(window, 'weld.plan.review');
  await message(window, /The reviewer revised the plan/u);
  await palette(window, 'weld.plan.apply');
  await message(window, /Revised plan applied/u);

  await palette(window, 'weld.step.select');
  await step(1);
  await message(window, /Step 1 is selected/u);
  fs.writeFileSync(path.join(sample.top, 'README.md'), 'Better words.\n');
  await palette(window, 'weld.step.snapshot');
  await step(1);
  await message(window, /All checks passed in iteration 1/u);
  await palette(window, 'weld.step.review');
  await step(1);
  await message(window, /found 1 issue/u);
  await palette(window, 'weld.step.openReview');
  await step(1);
  await window.tab('review.md').waitFor();
  await palette(window, 'weld.step.fixPrompt');
  await step(1);
  await window.tab('fix.iter').waitFor();
  await palette(window, 'weld.issue.waive');
  await step(1);
  await window.pick(/Say more/u);
  await window.answer('It says enough.');
  await message(window, /Waived/u);
  await palette(window, 'weld.step.showChanges');
  await step(1);
  await window.tab(/Step 1, iteration 1/u).waitFor();
  await palette(window, 'weld.step.restore');
  await step(1);
  await window.pick('The beginning of the step');
  await window
    .modal(/Restore 1 file/u)
    .getByRole('button', { name: 'Restore' })
    .click();
  await message(window, /1 file restored/u);
  expect(fs.readFileSync(path.join(sample.top, 'README.md'), 'utf8')).toContain('# Sample');
  await window.toastButton(/1 file restored/u, 'Undo');
  await window
    .modal(/Restore 1 file/u)
    .getByRole('button', { name: 'Restore' })
    .click();
  await until(
    'the restore to be undone',
    // git removes the file before it writes it again
    () => textOf(path.join(sample.top, 'README.md')) === 'Better words.\n',
  );
  await palette(window, 'weld.step.amend');
  await step(1);
  await message(window, /Step 1 now has the text of the plan/u);
  await palette(window, 'weld.step.skip');
  await step(2);
  await window.answer('Not needed.');
  await message(window, /Step 2 is skipped/u);

  visited.add('weld.commit');
  await window.clearToasts();
  await journey.commit('Better words');
  await palette(window, 'weld.step.accept');
  await message(window, /No step of this run has a pass to accept/u);
  await palette(window, 'weld.step.unaccept');
  await message(window, /No pass of this run is accepted any longer/u);
  await palette(window, 'weld.run.steps');
  await message(window, /No step is left in this run/u);
  await palette(window, 'weld.run.continue');
  await until('an answer', async () => (await window.toasts.count()) > 0);
  await palette(window, 'weld.run.report');
  await window.tab(/Preview .*greetings\.md/u).waitFor();
  await palette(window, 'weld.run.abandon');
  await window
    .modal(/Abandon the run/u)
    .getByRole('button', { name: 'Abandon' })
    .click();
  await message(window, /is abandoned/u);
});

test('a loop runs and stops, and the person can be the agent', async () => {
  const check = new SlowCheck(harness.folder('check'));
  const manual = 'implementation = { provider = "manual" }';
  const sample = await harness.sample({ checks: { slow: check.command } });
  await seed(sample, { step: 1 });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await palette(window, 'weld.step.loop');
  await journey.pickStep(1);
  await until('the check to run', () => check.running, 30_000);
  await palette(window, 'weld.step.stop');
  await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')), 10_000);

  const config = path.join(sample.weldDir, 'config.toml');
  fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace(/^implementation = .*$/mu, manual));
  await window.clearToasts();
  await journey.selectStep(2);
  await window.clearToasts();
  await journey.startLoop(2);
  await window.status('weld.weld.weld.answer').waitFor();
  fs.writeFileSync(path.join(sample.top, 'by-hand.txt'), 'done\n');
  check.finish();
  await palette(window, 'weld.answer');
  await window.pick(/I Have Made the Changes/u);
  await until(
    'an iteration with the change',
    () => journey.step(2)?.iterations[0]?.files.includes('diff.patch'),
    30_000,
  );
});

test('a lock held elsewhere is waited for, asked for and taken over', async () => {
  const sample = await harness.sample();
  await seed(sample, { plan: false });
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  const held = async (): Promise<SecondProcess> => {
    const other = await SecondProcess.hold(sample.weldDir, journey.run, 'step loop 1');
    await until(
      'the status bar to name the holder',
      async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`),
      5000,
    );
    return other;
  };
  const first = await held();
  await palette(window, 'weld.lock.wait');
  await first.release();
  await message(window, /is free now/u);
  const second = await held();
  await palette(window, 'weld.lock.askToStop');
  await message(window, /was asked to stop/u);
  await palette(window, 'weld.lock.takeOver');
  await window
    .modal(/Take over the run lock/u)
    .getByRole('button', { name: 'Take Over', exact: true })
    .click();
  await message(window, /was taken over/u);
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
  await second.kill();
});

test('every command of the manifest has a title, and the palette hides what cannot work', () => {
  expect(
    manifest.contributes.commands
      .map((command) => titleOf(command.command))
      .filter((title) => title.endsWith('undefined')),
  ).toEqual([]);
  const open = reachable.filter((id) => paletteEntries.find((entry) => entry.command === id)?.when === undefined);
  expect(open.filter((id) => !['weld.showLog'].includes(id))).toEqual([]);
});

test('no command that the palette can show was left out above', () => {
  expect(reachable.filter((id) => !visited.has(id)).sort()).toEqual([]);
});
