import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { planImport } from '../../../src/core/runs/importPlan';
import { ShownRuns } from '../../../src/core/runs/shownRuns';
import { skipStep } from '../../../src/core/steps/requests';
import { interruptedWords } from '../../../src/core/steps/state/states';
import type { Repository } from '../../../src/platform/repositories';
import { RunRows } from '../../../src/views/runRows';
import { PLAN } from '../../support/recordings';
import { makeRun, operate } from '../core/runs/support';

test('a run with a commit is shown as open until every step of its plan is done', async () => {
  const { project, runId } = await makeRun();
  const rows = new RunRows({ project, runs: new ShownRuns(project) } as Repository);
  const shown = async (): Promise<unknown> => (await rows.page()).runs.map(({ state, note }) => ({ state, note }));
  expect(await shown()).toEqual([{ state: 'open', note: '' }]);
  await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
  const { meta } = project.paths.run(runId);
  fs.writeFileSync(
    meta,
    JSON.stringify({
      ...(JSON.parse(fs.readFileSync(meta, 'utf8')) as object),
      commits: [{ sha: 'abc', steps: [1], committed_at: '2026-01-05T12:00:00Z' }],
    }),
  );
  expect(await shown()).toEqual([{ state: 'open', note: '1 commit' }]);
  await operate(project, runId, async (op) => {
    for (const step of [1, 2]) await skipStep(op, { run: runId, step });
  });
  expect(await shown()).toEqual([{ state: 'finished', note: '1 commit' }]);
});

test.each([
  [{ n: 1, phase: 'implement' }, 'interrupted while implementing'],
  [{ n: 2, phase: 'implement' }, 'interrupted while fixing'],
  [{ n: 2, phase: 'checks' }, 'interrupted while running the checks'],
  [undefined, 'interrupted'],
] as const)('an unfinished iteration says what it was at: %o', (iteration, words) => {
  expect(interruptedWords(iteration)).toBe(words);
});
