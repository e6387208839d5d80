import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import type { Agent, AgentResult } from '../../../src/core/agents/agent';
import type { RunId } from '../../../src/core/artifacts/runIds';
import type { Operation, Project } from '../../../src/core/project';
import { commitRun } from '../../../src/core/runs/commitRun';
import { planImport } from '../../../src/core/runs/importPlan';
import { restoreStep } from '../../../src/core/steps/restoreStep';
import { runLoop } from '../../../src/core/steps/runLoop';
import { selectStep } from '../../../src/core/steps/select';
import { running } from '../../support/processes';
import { PLAN } from '../../support/recordings';
import { until } from '../../support/run';
import { type ListLog, makeRun, open, operate, supervisorPath } from './runs/support';

const VERDICT = { severity: 'blocker', file: 'a', maps_to: null };

/** The number of git starts among the lines that the log got during `work`. */
async function startsIn(log: ListLog, work: () => Promise<unknown>): Promise<number> {
  log.lines.length = 0;
  await work();
  return log.lines.filter((line) => line.startsWith('info git ')).length;
}

test('an operation starts git only as often as it has questions', async () => {
  const { top, runId, log } = await makeRun({ checks: { test: 'true' } });
  const within = (project: Project, body: (op: Operation) => Promise<unknown>): Promise<number> =>
    startsIn(log, () => operate(project, runId, body));
  const project = await open(top, log);
  await within(project, (op) => planImport(op, { runId, markdown: PLAN }));
  const fresh = (): Promise<Project> => open(top, log); // as after a reload: nothing is remembered

  expect(await within(await fresh(), (op) => selectStep(op, { run: runId, step: 1 }))).toBe(9);
  const iterations = await iterationsIn(await fresh(), top, runId, log);
  expect(iterations).toEqual([7, 7]);
  expect(await within(await fresh(), (op) => restoreStep(op, { run: runId, step: 1, to: { iteration: 1 } }))).toBe(17);
  await within(await fresh(), (op) => restoreStep(op, { run: runId, step: 1, to: { kept: 1 } }));
  expect(await within(await fresh(), (op) => commitRun(op, { runId, message: 'Greet', force: true }))).toBe(26);
  const supervisors = () => running(supervisorPath()).filter(({ parent }) => parent === process.pid);
  await until('no supervisor to wait any more', () => supervisors().length === 0);
});

/** Git starts of each iteration of a loop but the first and the last, which also begin and end it. */
async function iterationsIn(project: Project, top: string, runId: RunId, log: ListLog): Promise<number[]> {
  const counts: number[] = [];
  let n = 0;
  const answer = (task: string): AgentResult => {
    const reviews = task === 'implementation_review';
    if (!reviews) {
      counts.push(log.lines.filter((line) => line.startsWith('info git ')).length);
      log.lines.length = 0;
      fs.mkdirSync(path.join(top, 'src'), { recursive: true });
      fs.writeFileSync(path.join(top, 'src/greet.mjs'), `export const greet = ${++n};\n`);
    }
    const text = JSON.stringify({ pass: false, issues: [{ ...VERDICT, hint: `find ${n}` }] });
    return { ok: true, text: reviews ? text : 'done', usage: { durationMs: 0 } };
  };
  // Counts as a program, so that it is guarded like one.
  const agent: Agent = { kind: 'claude', label: 'test', run: ({ task }) => Promise.resolve(answer(task)) };
  await operate({ ...project, agent: () => Promise.resolve(agent) }, runId, (op) =>
    runLoop(op, { run: runId, step: 1, maxIterations: 4 }),
  );
  return counts.slice(2);
}
