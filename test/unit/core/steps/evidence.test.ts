import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commit';
import { runLoop } from '../../../../src/core/steps/loop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { operate, select } from './support/operate';
import { openSite } from './support/project';
import { createSite, json, logged, removeSite, stateOf, type Site } from './support/site';

// Real git, real processes: quick alone, slow beside a machine's other work.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let site: Site;
let project: Project;
const iter = (name: string): string => path.join(site.paths.run(site.run).steps, '01-add-the-numbers', 'iter', '01', name);
const relative = (name: string): string => path.relative(site.paths.root, iter(name));

/** The site as it was when it had come so far, to begin each test of a group with. */
let copy = '';
async function prepare(comeSoFar: () => Promise<unknown>): Promise<void> {
  site = await createSite(ONE_ITERATION);
  project = await openSite(site, bundledSupervisor());
  await select(site, project);
  await comeSoFar();
  copy = `${site.home}-copy`;
  fs.renameSync(site.home, copy);
}
beforeEach(() => { fs.cpSync(copy, site.home, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true }); });
afterEach(() => { removeSite(site); });
afterAll(() => { fs.rmSync(copy, { recursive: true, force: true }); });

/** Runs until the verdict is next. */
async function untilVerdict(): Promise<void> {
  const abort = new AbortController();
  const report = ({ message }: { message: string }): void => { if (message.endsWith(': verdict')) abort.abort(); };
  const result = await operate(site, project, (op) => runLoop(op, { run: site.run, step: 1 }), { signal: abort.signal, report });
  expect(result.reason).toBe('cancelled');
}

const resume = () => operate(site, project, (op) => runLoop(op, { run: site.run, step: 1, resume: true, maxIterations: 1 }));
const rewrite = (name: string, change: (text: string) => string): void => { fs.writeFileSync(iter(name), change(fs.readFileSync(iter(name), 'utf8'))); };

describe('a verdict over damaged evidence', () => {
  beforeAll(() => prepare(untilVerdict));

  it('passes when nothing is damaged, so that the table below says something', async () => {
    expect(await resume()).toMatchObject({ passed: true, iterations: 1 });
  });

  it.each<[string, () => void, string]>([
    ['diff.patch is missing', () => { fs.rmSync(iter('diff.patch')); }, 'diff_nonempty'],
    ['diff.patch is truncated', () => { fs.truncateSync(iter('diff.patch'), 20); }, 'diff_nonempty'],
    ['diff.patch is empty', () => { fs.writeFileSync(iter('diff.patch'), ''); }, 'diff_nonempty'],
    ['diff.patch is a folder', () => { fs.rmSync(iter('diff.patch')); fs.mkdirSync(iter('diff.patch')); }, 'diff_nonempty'],
    ['diff.patch is a link', () => { fs.renameSync(iter('diff.patch'), path.join(site.home, 'elsewhere')); fs.symlinkSync(path.join(site.home, 'elsewhere'), iter('diff.patch')); }, 'diff_nonempty'],
    ['checks.summary.json is missing', () => { fs.rmSync(iter('checks.summary.json')); }, 'checks_passed'],
    ['checks.summary.json is truncated', () => { fs.truncateSync(iter('checks.summary.json'), 20); }, 'checks_passed'],
    ['checks.summary.json was rewritten to something else', () => { rewrite('checks.summary.json', (text) => text.replace('"exit_code": 0', '"exit_code": 00')); }, 'checks_passed'],
    ["a check's output is missing", () => { fs.rmSync(iter('checks/test.txt')); }, 'checks_passed'],
    ['a check was added to config.toml after the checks', () => { fs.appendFileSync(site.paths.config, `\n[checks.extra]\n`); fs.writeFileSync(site.paths.config, fs.readFileSync(site.paths.config, 'utf8').replace('\n[checks.extra]\n', '').replace('[checks]\n', `[checks]\nlint = ${JSON.stringify(logged(site, 'lint'))}\n`)); }, 'checks_passed'],
    ['review.md is missing', () => { fs.rmSync(iter('review.md')); }, 'review_ended'],
    ['review.md is truncated', () => { fs.truncateSync(iter('review.md'), 25); }, 'review_ended'],
    ['review.md is binary', () => { fs.writeFileSync(iter('review.md'), Buffer.from([0, 255, 254, 1])); }, 'review_ended'],
    ['review.md was exchanged for a passing one', () => { fs.writeFileSync(iter('review.md'), '{"pass": true, "issues": [] }'); }, 'review_ended'],
    ['progress.json does not know how the review ended', () => { rewrite('progress.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), review: null })); }, 'review_ended'],
    ['progress.json says another tree', () => { rewrite('progress.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), tree: null })); }, 'diff_nonempty'],
  ])('does not pass when %s, and status.json says so', async (_name, damage, condition) => {
    damage();
    const before = stateOf(site);
    const result = await resume();
    expect(result.passed).toBe(false);
    const status = json(iter('status.json')) as { pass: boolean; gate: { condition: string; ok: boolean }[] };
    expect(status.pass).toBe(false);
    expect(status.gate.find((each) => !each.ok)?.condition).toBe(condition);
    const after = stateOf(site);
    const written = new Set(['issues.json', 'timing.json', 'status.json', 'progress.json'].map(relative));
    for (const name of Object.keys(before)) if (!written.has(name)) expect(after[name], name).toBe(before[name]);
    expect(await readStepState(project, site.run, 1)).toMatchObject({ state: 'failed' });
  });
});

describe('a step that has passed', () => {
  beforeAll(async () => {
    fs.rmSync(copy, { recursive: true, force: true });
    await prepare(() => operate(site, project, (op) => runLoop(op, { run: site.run, step: 1 })));
  });

  it.each(['diff.patch', 'checks.summary.json', 'review.md', 'issues.json', 'status.json'])('does not count as passed when %s is missing', async (name) => {
    expect(await readStepState(project, site.run, 1)).toMatchObject({ state: 'passed' });
    fs.rmSync(iter(name));
    const { state, why } = await readStepState(project, site.run, 1);
    expect(state).toBe('damaged');
    expect(why).toContain(name);
  });

  it.each<[string, (text: string) => string]>([
    ['diff.patch', (text) => text.slice(0, 20)], ['checks.summary.json', (text) => text.replace('"exit_code": 0', '"exit_code": 1')],
    ['review.md', (text) => `${text}More.\n`], ['issues.json', (text) => text.slice(0, 20)],
  ])('does not count as passed when %s is not what it was, and is not committed unless that is forced', async (name, change) => {
    rewrite(name, change);
    const { state, why } = await readStepState(project, site.run, 1);
    expect(state).toBe('damaged');
    expect(why).toContain(iter(name));
    const commit = (force: boolean) => operate(site, project, (op) => commitRun(op, { runId: site.run, message: 'Work', all: true, force }));
    await expect(commit(false)).rejects.toMatchObject({ code: 'STEP_NOT_PASSED', message: expect.stringContaining(iter(name)) as string });
    expect(await commit(true)).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/u) as string });
  });

  it.each(['status.json', 'progress.json'])('is damaged when %s is truncated, by name, and hides nothing else', async (name) => {
    fs.truncateSync(iter(name), 15);
    const step = await readStepState(project, site.run, 1);
    expect(step).toMatchObject({ state: 'damaged', iterations: [{ state: 'damaged' }] });
    expect(step.why).toContain(name);
    expect(step.iterations[0]?.artifacts.map((artifact) => artifact.label)).toContain('diff');
    expect(await readStepState(project, site.run, 2)).toMatchObject({ state: 'not-selected' });
  });

  it('does not count by a status of an older epoch, which a late holder wrote', async () => {
    const progress = json(iter('progress.json'));
    fs.writeFileSync(iter('progress.json'), JSON.stringify({ ...progress, epoch: Number(progress['epoch']) + 1 }));
    expect(await readStepState(project, site.run, 1)).toMatchObject({ state: 'damaged' });
    fs.writeFileSync(iter('progress.json'), JSON.stringify({ ...progress, epoch: 0, done: ['implement'] }));
    expect(await readStepState(project, site.run, 1)).toMatchObject({ state: 'passed' });
  });
});
