import * as path from 'node:path';
import { openProject } from '../../src/core/openProject';
import { withOperation } from '../../src/core/operation';
import type { Operation } from '../../src/core/project';
import { planGenerate } from '../../src/core/runs/importPlan';
import { startRun } from '../../src/core/runs/start';
import { selectStep } from '../../src/core/steps/select';
import { silentLogger } from '../../src/core/util/logger';
import { isolatedGit } from './git';
import { root } from './paths';
import type { Sample } from './sample';
import { storage } from './storage';

/**
 * Brings a sample to the state that palette commands would, before any window is open: it calls the same functions of
 * the core. The way through the window is tested in journey.test.ts and palette.test.ts.
 * @param step the step to select
 */
export async function seed(
  sample: Sample,
  { plan = true, step }: { readonly plan?: boolean; readonly step?: number } = {},
): Promise<void> {
  for (const [name, value] of Object.entries(isolatedGit())) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  const project = await openProject(sample.top, {
    log: silentLogger,
    supervisorPath: path.join(root, 'dist/supervisor.js'),
    storage,
  });
  const { runId } = await startRun(project, { spec: sample.spec, name: 'greetings' });
  const operate = (command: string, body: (op: Operation) => Promise<unknown>): Promise<unknown> =>
    withOperation(project, { runId, command, signal: new AbortController().signal, report: () => undefined }, body);
  if (plan) await operate('plan generate', (op) => planGenerate(op, { runId }));
  if (step !== undefined) await operate(`step select ${step}`, (op) => selectStep(op, { run: runId, step }));
}
