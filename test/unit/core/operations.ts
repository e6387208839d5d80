import * as fs from 'node:fs';
import type { RunId } from '../../../src/core/artifacts/runIds';
import type { Operation, Project } from '../../../src/core/project';
import { commitRun } from '../../../src/core/runs/commitRun';
import { planGenerate, planImport, planPrompt } from '../../../src/core/runs/importPlan';
import {
  researchGenerate,
  researchImport,
  researchPrompt,
  researchReview,
} from '../../../src/core/runs/importResearch';
import { applyReviewedPlan, planReview } from '../../../src/core/runs/planReview';
import { abandonRun } from '../../../src/core/runs/start';
import { acceptPasses, unacceptPasses } from '../../../src/core/steps/accept';
import { amendStep, reviewIteration, skipStep, snapshot, writeFixPrompt } from '../../../src/core/steps/requests';
import { restoreStep } from '../../../src/core/steps/restoreStep';
import { runLoop } from '../../../src/core/steps/runLoop';
import { selectStep } from '../../../src/core/steps/select';
import { listSteps } from '../../../src/core/steps/state/read';
import { waiveIssue } from '../../../src/core/steps/waive';
import { PLAN } from '../../support/recordings';

export interface Mutating {
  /** As in `active.lock`. */
  readonly command: string;
  readonly run: (op: Operation, run: RunId) => Promise<unknown>;
}

/** The id of the issue that the sample's recording leaves in step 2. */
async function issueOf(project: Project, run: RunId): Promise<string> {
  const step = (await listSteps(project, run)).find(({ n }) => n === 2);
  if (!step) return 'none';
  const file = project.paths.run(run).step(step.key).iteration(1).issues;
  return fs.existsSync(file)
    ? ((JSON.parse(fs.readFileSync(file, 'utf8')) as { issues: { id: string }[] }).issues[0]?.id ?? 'none')
    : 'none';
}

/** All operations that change a run, in an order in which each works on the sample with its recording. */
export const MUTATING: readonly Mutating[] = [
  { command: 'research prompt', run: (op, runId) => researchPrompt(op, { runId }) },
  { command: 'research generate', run: (op, runId) => researchGenerate(op, { runId }) },
  { command: 'research import', run: (op, runId) => researchImport(op, { runId, markdown: '# Found out\n' }) },
  { command: 'research review', run: (op, runId) => researchReview(op, { runId }) },
  { command: 'plan prompt', run: (op, runId) => planPrompt(op, { runId }) },
  { command: 'plan generate', run: (op, runId) => planGenerate(op, { runId }) },
  { command: 'plan import', run: (op, runId) => planImport(op, { runId, markdown: PLAN }) },
  { command: 'plan review', run: (op, runId) => planReview(op, { runId }) },
  { command: 'plan apply', run: (op, runId) => applyReviewedPlan(op, { runId }) },
  { command: 'step select 2', run: (op, run) => selectStep(op, { run, step: 2 }) },
  { command: 'step loop 2', run: (op, run) => runLoop(op, { run, step: 2, maxIterations: 1 }) },
  { command: 'step fix prompt 2', run: (op, run) => writeFixPrompt(op, { run, step: 2 }) },
  { command: 'step snapshot 2', run: (op, run) => snapshot(op, { run, step: 2 }) },
  { command: 'step review 2', run: (op, run) => reviewIteration(op, { run, step: 2 }) },
  { command: 'step amend 2', run: (op, run) => amendStep(op, { run, step: 2 }) },
  {
    command: 'issue waive 2',
    run: async (op, run) =>
      waiveIssue(op, { run, step: 2, iteration: 1, issue: await issueOf(op.project, run), reason: 'for now' }),
  },
  { command: 'step accept 2', run: (op, run) => acceptPasses(op, { run, reason: 'seen by me' }) },
  { command: 'step unaccept 2', run: (op, run) => unacceptPasses(op, { run }) },
  { command: 'step restore 2', run: (op, run) => restoreStep(op, { run, step: 2, to: { iteration: 1 } }) },
  { command: 'step skip 2', run: (op, run) => skipStep(op, { run, step: 2, reason: 'another time' }) },
  { command: 'commit', run: (op, runId) => commitRun(op, { runId, message: 'All of it', all: true, force: true }) },
  { command: 'run abandon', run: (op, runId) => abandonRun(op, { runId }) },
];
