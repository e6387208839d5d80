// `npm run demo`: the packed extension in a real VS Code, driven through the window from Start Run to Commit.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parsePlan } from '../../src/core/plan';
import { Editor } from '../support/editor';
import { git } from '../support/git';
import { VSCODE_VERSION } from '../support/host/install-newest';
import { Journey } from '../support/journey';
import { root } from '../support/paths';
import type { Recording } from '../support/recordings';
import { until } from '../support/run';
import type { IterationOnDisk } from '../support/runs';
import { SecondProcess } from '../support/second-process';
import type { Workbench } from '../support/workbench';
import { demoDir, freshWorkspace } from './workspace';

const started = Date.now();
function say(phase: string, what: string): void {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${phase.padEnd(14)} ${what}`);
}
async function picture(window: Workbench, name: string): Promise<void> {
  await window.page.mouse.move(780, 8); // away from anything with a hover
  await window.page.waitForTimeout(300);
  await window.page.screenshot({ path: path.join(demoDir, `${name}.png`) });
}

/** The conditions of a successful demo. */
const PICTURES = ['progress', 'status-held', 'tree', 'held-by-another', 'diff', 'finished'] as const;

function recorded(journey: Journey, task: string): boolean {
  const { answers } = JSON.parse(
    fs.readFileSync(path.join(journey.sample.weldDir, 'recording.json'), 'utf8'),
  ) as Recording;
  return answers.some((answer) => answer.task === task);
}

/** The steps in the file of the current plan: the tree shows only those that fit. */
function plannedSteps(journey: Journey): number[] {
  const plan = path.join(journey.sample.weldDir, 'runs', journey.run, 'plan');
  const file = ['plan.final.md', 'plan.raw.md']
    .map((name) => path.join(plan, name))
    .find((each) => fs.existsSync(each));
  return [
    ...new Set(file === undefined ? [] : parsePlan(fs.readFileSync(file, 'utf8')).steps.map((step) => step.n)),
  ].sort((a, b) => a - b);
}

function describe(iteration: IterationOnDisk): string {
  const { status } = iteration;
  if (!status) return 'not finished';
  const checks =
    status.checks_exit_code === -1
      ? 'checks not run'
      : status.checks_exit_code === 0
        ? 'checks passed'
        : 'a check failed';
  const issues =
    status.issue_count === 0
      ? 'no issues'
      : `${status.issue_count} ${status.issue_count === 1 ? 'issue' : 'issues'} (${status.blocker_count} blocking)`;
  const why = (status.gate ?? []).filter((condition) => !condition.ok).map((condition) => condition.why);
  return (
    `${status.diff_nonempty ? 'changed' : 'changed nothing'}, ${checks}, ${issues}: ` +
    `${status.pass ? 'passed' : `not passed (${why.join('; ')})`}`
  );
}

/** Screenshots of a running loop. */
async function watchLoop(journey: Journey, n: number): Promise<void> {
  const { window } = journey;
  await until(
    'the lock to show in the status bar',
    async () => ((await window.lock.textContent()) ?? '').includes(`step loop ${n}`),
    20_000,
  );
  await window.page
    .locator('.notification-toast .monaco-progress-container')
    .first()
    .waitFor({ timeout: 10_000 })
    .catch(() => undefined);
  await window.page.waitForTimeout(1200);
  await picture(window, 'progress');
  await window.lock.screenshot({ path: path.join(demoDir, 'status-held.png') });
  await until('a first iteration to end', () => journey.step(n)?.iterations[0]?.status, 60_000);
  await window.reveal(new RegExp(`^${n} `, 'u'));
  await window.expand(new RegExp(`^${n} `, 'u'));
  await window.page.waitForTimeout(800);
  await picture(window, 'tree');
}

async function workStep(journey: Journey, n: number, pictured: boolean): Promise<boolean> {
  const { window } = journey;
  await window.clearToasts();
  await journey.selectStep(n);
  say('Select Step', `step ${n}`);
  await window.clearToasts();
  await journey.startLoop(n);
  if (pictured)
    await watchLoop(journey, n).catch((error: unknown) =>
      console.error(`A picture of the loop could not be taken: ${String(error)}`),
    );
  const end = await journey.loopEnd(n, 300_000);
  for (const iteration of journey.step(n)?.iterations ?? []) say(`  iteration ${iteration.n}`, describe(iteration));
  say('Step Loop', end);
  return journey.step(n)?.iterations.at(-1)?.status?.pass === true;
}

async function showDiff(journey: Journey, n: number): Promise<void> {
  const { window } = journey;
  await window.clearToasts();
  await window.reveal(new RegExp(`^${n} `, 'u'));
  await window.expand(new RegExp(`^${n} `, 'u'));
  await window.reveal(/^Iteration \d+$/u);
  await window
    .row(/^Iteration \d+$/u)
    .first()
    .click();
  await window.tab(new RegExp(`Step ${n}, iteration`, 'u')).waitFor();
  await window.page.waitForTimeout(2000);
  await picture(window, 'diff');
}

async function showForeignLock(journey: Journey): Promise<void> {
  const { window } = journey;
  await window.clearToasts();
  const other = await SecondProcess.hold(journey.sample.weldDir, journey.run, 'step loop 1');
  try {
    await until(
      'the other holder to show',
      async () => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`),
      10_000,
    );
    await window.command('Weld: Generate Plan');
    const refusal = window.toast(new RegExp(`${other.pid}`, 'u')).first();
    await refusal.waitFor();
    say('Held elsewhere', (await refusal.locator('.notification-list-item-message').textContent()) ?? '');
    await window.page.waitForTimeout(500);
    await picture(window, 'held-by-another');
  } finally {
    await other.release();
  }
  await until('the lock to be free', async () => !((await window.lock.textContent()) ?? '').includes('pid'), 10_000);
  await window.clearToasts();
}

async function journeyOf(journey: Journey): Promise<number[]> {
  const { window } = journey;
  await window.openView('Weld');
  await window.widenSideBar(110);
  await journey.startRun();
  say('Start Run', journey.run);
  const plan = process.env['WELD_DEMO_PLAN'];
  if (!plan && !recorded(journey, 'plan_generation'))
    throw new Error('The recording has no plan_generation; name a plan by WELD_DEMO_PLAN.');
  say(
    plan ? 'Import Plan' : 'Generate Plan',
    await (plan ? journey.importPlan(path.resolve(plan)) : journey.generatePlan()),
  );
  if (plan || !recorded(journey, 'plan_review'))
    say('Review Plan', plan ? 'skipped: the plan is your own' : 'skipped: the recording has none');
  else {
    await window.clearToasts();
    const revised = await journey.reviewPlan();
    await window.page.waitForTimeout(1500);
    await picture(window, 'plan-review');
    if (revised) await journey.applyPlan();
    say('Review Plan', revised ? 'revised by the reviewer; applied' : 'left as it is');
  }
  await window.command('View: Close All Editors');
  await window.expand('greetings');
  const steps = plannedSteps(journey);
  await window.reveal(new RegExp(`^${steps[0] ?? 1} `, 'u'));
  return steps;
}

async function drive(editor: Editor): Promise<boolean> {
  const sample = await freshWorkspace();
  const window = await (await editor.open(sample.top, { width: 1280, height: 760 })).ready();
  const journey = new Journey(window, sample);
  const steps = await journeyOf(journey);
  let passed = true;
  for (const n of steps) {
    passed = await workStep(journey, n, n === Math.max(...steps));
    if (!passed) break;
  }
  if (passed) await showForeignLock(journey);
  const last = journey
    .steps()
    .filter((step) => step.iterations.length > 0)
    .at(-1);
  if (last) await showDiff(journey, last.n);
  await window.command('View: Close All Editors');
  if (passed) {
    await journey.commit('Greet people in their language');
    say('Commit', await git(sample.top, 'log', '-1', '--format=%h %s'));
    for (const trailer of (await git(sample.top, 'log', '-1', '--format=%(trailers:only)')).split('\n'))
      if (trailer !== '') say('', trailer);
  } else say('Commit', 'not offered: a step has not passed');
  if (passed) {
    await window.reveal('Summary');
    await window.row('Summary').click();
  }
  await window.page.waitForTimeout(1500);
  await picture(window, 'finished');
  return passed;
}

async function main(): Promise<void> {
  console.log(`Weld in VS Code ${VSCODE_VERSION}, driven through its window; a recording stands in for the agent.\n`);
  const editor = await Editor.start();
  let passed = false;
  try {
    passed = await drive(editor);
  } catch (error) {
    fs.mkdirSync(demoDir, { recursive: true });
    for (const page of editor.browser.contexts().flatMap((context) => context.pages()))
      await page.screenshot({ path: path.join(demoDir, 'failed.png') }).catch(() => undefined);
    fs.writeFileSync(path.join(demoDir, 'weld.log'), editor.log());
    throw error;
  } finally {
    await editor.close();
  }
  const shown = path.relative(root, demoDir);
  console.log(
    `\nThe repository is in ${shown}/repository (try git log -1 there), pictures are in ${shown}/: ${fs
      .readdirSync(demoDir)
      .filter((name) => name.endsWith('.png'))
      .join(' ')}`,
  );
  const missing = PICTURES.filter((name) => !fs.existsSync(path.join(demoDir, `${name}.png`)));
  if (missing.length > 0) console.error(`These pictures are missing: ${missing.join(', ')}.`);
  if (!passed || missing.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
