import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { runLoop } from '../../../../src/core/steps/loop';
import { readStepState } from '../../../../src/core/steps/state/read';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/types';
import { git } from '../../../support/git';
import { verdict, type Answer } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import { operate, select, type OperateOptions } from './support/operate';
import { openSite } from './support/project';
import { createSite, json, lines, record, removeSite, stateOf, type Site, type SiteOptions } from './support/site';

let site: Site;
let project: Project;
afterEach(() => { removeSite(site); });

async function at(answers: readonly Answer[], options?: SiteOptions): Promise<void> {
  site = await createSite(answers, options);
  project = await openSite(site, bundledSupervisor());
}

async function selected(answers: readonly Answer[], options?: SiteOptions): Promise<void> {
  await at(answers, options);
  await select(site, project);
}

function loop(request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> {
  return operate(site, project, (op) => runLoop(op, { run: site.run, step: 1, ...request }), options);
}

const stepRoot = (): string => path.join(site.paths.run(site.run).steps, '01-add-the-numbers');
const iter = (n: number, ...rest: string[]): string => path.join(stepRoot(), 'iter', String(n).padStart(2, '0'), ...rest);

describe('a loop', () => {
  it('implements, checks, reviews, fixes and passes, with a file for everything', async () => {
    await selected(TWO_ITERATIONS);
    const before = await git(site.top, 'rev-parse', 'HEAD');
    const messages: string[] = [];
    const result = await loop({}, { report: ({ message }) => { if (message !== '') messages.push(message); } });
    expect(result).toMatchObject({ passed: true, iterations: 2, reason: 'passed' });
    expect(lines(site.calls)).toEqual(['implementation 1', 'implementation_review 1', 'fix_generation 1', 'implementation_review 2']);
    expect(lines(site.checked)).toEqual(['test', 'test']);
    for (const n of [1, 2])
      expect(fs.readdirSync(iter(n)).sort()).toEqual(['answer.md', 'checks', 'checks.summary.json', 'diff.patch', 'issues.json', 'progress.json', 'review.md', 'review.prompt.md', 'status.json', 'timing.json']);
    expect(json(iter(1, 'status.json'))).toMatchObject({ pass: false, blocker_count: 1, issue_count: 1, checks_exit_code: 0, diff_nonempty: true });
    expect(json(iter(2, 'status.json'))).toMatchObject({ pass: true, issue_count: 0 });
    expect(fs.existsSync(path.join(stepRoot(), 'completed'))).toBe(true);
    expect(fs.readFileSync(path.join(stepRoot(), 'prompt', 'fix.iter01.md'), 'utf8')).toContain(BLOCKER.hint);
    expect(fs.readFileSync(iter(2, 'diff.patch'), 'utf8')).toContain('+export const add = (a, b) => Number(a) + Number(b);');
    expect(await git(site.top, 'show', `refs/weld/${site.run}/01-add-the-numbers/01:src/add.mjs`)).toContain('a + b');
    expect(await git(site.top, 'rev-parse', 'HEAD')).toBe(before);
    expect(messages).toContain('step 1, iteration 2 of 6: checks'.replace('6', '5'));
    expect(await readStepState(project, site.run, 1)).toMatchObject({ state: 'passed', iterations: [{ state: 'failed' }, { state: 'passed' }] });
  });
});
