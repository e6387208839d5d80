import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { useEditor } from './harness';

const harness = useEditor();

test('a specification becomes a commit with provenance, all through the window', async () => {
  const sample = await harness.sample();
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await window.openView('Weld');

  await journey.startRun();
  expect(await journey.generatePlan()).toContain('2 steps');
  await window.clearToasts();
  expect(await journey.reviewPlan()).toBe(true);
  await journey.applyPlan();

  await window.clearToasts();
  await journey.selectStep(1);
  await journey.startLoop(1);
  expect(await journey.loopEnd(1)).toContain('passed in iteration 1');
  await window.clearToasts();
  await journey.selectStep(2);
  await journey.startLoop(2);
  expect(await journey.loopEnd(2)).toContain('passed in iteration 2');

  const [first, second] = journey.step(2)?.iterations ?? [];
  expect(first?.status).toMatchObject({ pass: false, blocker_count: 1, checks_exit_code: 0 });
  expect(second?.status).toMatchObject({ pass: true, issue_count: 0, checks_exit_code: 0 });

  await window.clearToasts();
  await journey.commit('Greet people in their language');
  expect(await git(sample.top, 'log', '-1', '--format=%s')).toBe('Greet people in their language');
  expect(await git(sample.top, 'log', '-1', '--format=%(trailers:only)')).toContain(
    `Weld-Run: .weld/runs/${journey.run}`,
  );
  expect(await git(sample.top, 'show', '--name-only', '--format=', 'HEAD')).not.toContain('.weld/runs');
  expect(await git(sample.top, 'status', '--porcelain')).toBe('');
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);
});
