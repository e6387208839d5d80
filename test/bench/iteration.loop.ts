import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Agent, AgentRequest, AgentResult } from '../../src/core/agents/agent';
import { parseRunId, type RunId } from '../../src/core/artifacts/runIds';
import { withOperation } from '../../src/core/operation';
import { supervisionOf, withSupervision } from '../../src/core/process/supervision';
import type { Operation, Project } from '../../src/core/project';
import { planImport } from '../../src/core/runs/importPlan';
import { init, startRun } from '../../src/core/runs/start';
import { runLoop } from '../../src/core/steps/runLoop';
import { selectStep } from '../../src/core/steps/select';
import { bareGuard, bareIndex, bareIteration, bareKeeping, timed } from './iteration.bare';
import { bareGit, change, type Size } from './iteration.repository';

export const SAMPLES = 7;
const PLAN =
  '## Step 1: Change\n\n### Goal\nChange.\n\n### Changes\n- Files.\n\n### Acceptance criteria\n- [ ] They are ' +
  'changed.\n\n### Tests\n- None.\n';

/** The start and end of one agent call. */
interface Call {
  readonly task: string;
  readonly from: number;
  readonly to: number;
}

/** Durations of iterations, in ms. */
export interface Iterations {
  /** Weld's own. */
  readonly own: number[];
  /** The bare commands for changes of the same size: the least that any tool needs, and all that guarding needs. */
  readonly least: number[];
  readonly needed: number[];
}

/**
 * Runs a loop whose agents change files and report an issue each time. The bare commands run during the agent's time,
 * so under the same load.
 */
export async function iterations(
  project: Project,
  run: RunId,
  size: Size,
  mode: 'prevented' | 'noticed',
): Promise<Iterations> {
  const { top } = project;
  const base = bareGit(top, ['rev-parse', 'HEAD^{tree}']);
  const index = bareIndex(top);
  const calls: Call[] = [];
  const checks: { readonly from: number; readonly to: number }[] = [];
  const least: number[] = [];
  const needed: number[] = [];
  const answer = (request: AgentRequest): AgentResult => {
    const from = performance.now();
    const reviews = request.task === 'implementation_review';
    if (!reviews) {
      const changed = change(top, size);
      const ms = timed(() => {
        bareIteration(top, index, base, changed);
      });
      least.push(ms);
      needed.push(
        ms +
          timed(() => {
            bareGuard(top);
            if (mode === 'noticed') bareKeeping(top);
          }),
      );
      change(top, size); // different content, so that Weld finds none of its objects already written
    }
    const issue = { severity: 'blocker', file: 'a', hint: `find ${calls.length}`, maps_to: null };
    calls.push({ task: request.task, from, to: performance.now() });
    return {
      ok: true,
      text: reviews ? JSON.stringify({ pass: false, issues: [issue] }) : 'done',
      usage: { durationMs: 0 },
    };
  };
  // Counts as a program, so that it is guarded like one.
  const agent: Agent = { kind: 'claude', label: 'bench', run: (request) => Promise.resolve(answer(request)) };
  const supervision = supervisionOf(project.programs);
  const supervise: typeof supervision.supervise = async (program) => {
    const from = performance.now();
    const ended = await supervision.supervise(program);
    checks.push({ from, to: performance.now() });
    return ended;
  };
  const watched: Project = {
    ...project,
    programs: withSupervision({ ...project.programs }, { ...supervision, supervise }),
    agent: () => Promise.resolve(agent),
  };
  const result = await operate(watched, run, (op) => runLoop(op, { run, step: 1, maxIterations: SAMPLES }));
  if (checks.length !== SAMPLES) throw new Error(`${checks.length} checks ran`);
  if (result.reason !== 'max_iterations') throw new Error(`the loop ended with ${result.reason}: ${result.message}`);
  calls.push({ task: 'end', from: performance.now(), to: 0 });
  const works = calls.filter((call) => call.task !== 'implementation_review');
  const own = works.slice(0, -1).map((work, i) => {
    const until = works[i + 1]?.from ?? Number.NaN;
    const others = [...calls.filter((call) => call.task === 'implementation_review'), ...checks].filter(
      (call) => call.from > work.to && call.to < until,
    );
    return until - work.to - others.reduce((sum, call) => sum + call.to - call.from, 0);
  });
  return { own, least, needed };
}

export function operate<T>(project: Project, runId: RunId, body: (op: Operation) => Promise<T>): Promise<T> {
  return withOperation(
    project,
    { runId, command: 'bench', signal: new AbortController().signal, report: () => undefined },
    body,
  );
}

/** Times of an iteration, in ms: Weld's, and of the bare git commands right before it. */
export interface Middle {
  readonly own: number;
  /** The least that any tool needs. */
  readonly least: number;
  /** With all that guarding needs. */
  readonly needed: number;
}

/** The iteration with the median ratio to the bare commands before it. */
export function middle({ own, least, needed }: Iterations): Middle {
  const all = own
    .map((ms, i) => ({ own: ms, least: least[i] ?? Number.NaN, needed: needed[i] ?? Number.NaN }))
    .sort((a, b) => a.own / a.needed - b.own / b.needed);
  const found = all[Math.floor(all.length / 2)];
  if (!found) throw new Error('no iteration was measured');
  return found;
}

/** Starts a run whose first step is selected, with one check. */
export async function begin(project: Project): Promise<RunId> {
  const { top, paths } = project;
  await init(project);
  fs.writeFileSync(path.join(top, 'spec.md'), '# Change\n\nChange files.\n');
  const run = parseRunId((await startRun(project, { spec: path.join(top, 'spec.md') })).runId);
  await operate(project, run, (op) => planImport(op, { runId: run, markdown: PLAN }));
  await operate(project, run, (op) => selectStep(op, { run, step: 1 }));
  fs.writeFileSync(
    paths.config,
    fs.readFileSync(paths.config, 'utf8').replace('[checks]\n', '[checks]\ntest = "true"\n'),
  );
  return run;
}
