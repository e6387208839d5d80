/**
 * Measures in a separate process: `measure <programs
 * iterations> <folder> <supervisor>`. Prints medians as JSON.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Agent, AgentRequest, AgentResult } from '../../src/core/agents/agent';
import { parseRunId, type RunId } from '../../src/core/artifacts/runIds';
import { preventionFor } from '../../src/core/guard';
import { acquireRunLock } from '../../src/core/lock';
import { openProject } from '../../src/core/openProject';
import { withOperation } from '../../src/core/operation';
import { supervisionOf, withSupervision } from '../../src/core/process/supervision';
import type { Operation, Project } from '../../src/core/project';
import { planImport } from '../../src/core/runs/importPlan';
import { init, startRun } from '../../src/core/runs/start';
import { runLoop } from '../../src/core/steps/runLoop';
import { selectStep } from '../../src/core/steps/select';
import { silentLogger } from '../../src/core/util/logger';
import { storage } from '../support/storage';
import { bareGuard, bareIndex, bareIteration, bareKeeping, bareLook, timed } from './iteration.bare';
import { streaming, supervising } from './iteration.programs';
import { addRuns, bareGit, change, makeRepository } from './iteration.repository';
import { median } from './median';

const SAMPLES = 7;
const PLAN =
  '## Step 1: Change\n\n### Goal\nChange.\n\n### Changes\n- Files.\n\n### Acceptance criteria\n- [ ] They are ' +
  'changed.\n\n### Tests\n- None.\n';
const verbose = process.env['WELD_BENCH_VERBOSE'] !== undefined;

/** The start and end of one agent call. */
interface Call {
  readonly task: string;
  readonly from: number;
  readonly to: number;
}

/** Durations of iterations, in ms. */
interface Iterations {
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
async function iterations(project: Project, run: RunId, mode: 'prevented' | 'noticed'): Promise<Iterations> {
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
      const changed = change(top);
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
      change(top); // different content, so that Weld finds none of its objects already written
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

function operate<T>(project: Project, runId: RunId, body: (op: Operation) => Promise<T>): Promise<T> {
  return withOperation(
    project,
    { runId, command: 'bench', signal: new AbortController().signal, report: () => undefined },
    body,
  );
}

/**
 * Durations of unchanged reads, in ms: of the work tree and of all runs, each with the least command that tells the
 * same.
 */
async function looks(project: Project): Promise<Record<'capture' | 'status' | 'look' | 'find', number>> {
  const seen: Record<'capture' | 'status' | 'look' | 'find', number[]> = {
    capture: [],
    status: [],
    look: [],
    find: [],
  };
  await using lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  await project.git.captureTree(lock);
  const kept = await project.git.keepWeld(lock);
  for (let i = 0; i < SAMPLES; i++) {
    seen.status.push(timed(() => bareGit(project.top, ['status', '--porcelain'])));
    let begun = performance.now();
    await project.git.captureTree(lock);
    seen.capture.push(performance.now() - begun);
    seen.find.push(bareLook(project.paths.root) ?? Number.NaN);
    begun = performance.now();
    await project.git.weldSince(lock, kept);
    seen.look.push(performance.now() - begun);
  }
  return {
    capture: median(seen.capture),
    status: median(seen.status),
    look: median(seen.look),
    find: median(seen.find),
  };
}

/** The iteration with the median ratio to the bare commands before it. */
function middle({ own, least, needed }: Iterations): Record<'own' | 'least' | 'needed', number> {
  const all = own
    .map((ms, i) => ({ own: ms, least: least[i] ?? Number.NaN, needed: needed[i] ?? Number.NaN }))
    .sort((a, b) => a.own / a.needed - b.own / b.needed);
  const found = all[Math.floor(all.length / 2)];
  if (!found) throw new Error('no iteration was measured');
  return found;
}

async function main(): Promise<void> {
  const [what, top = '', supervisorPath = ''] = process.argv.slice(2);
  const log = {
    ...silentLogger,
    ...(verbose && {
      info: (line: string) => {
        process.stderr.write(`${Math.round(performance.now())} ${line.slice(0, 90)} … ${line.slice(-20)}\n`);
      },
    }),
  };
  const open = (): Promise<Project> => openProject(top, { log, supervisorPath, storage });
  if (what === 'programs') {
    bareGit(top, ['init', '-q']);
    const project = await open();
    await init(project);
    process.stdout.write(JSON.stringify({ memory: await streaming(project), supervisor: await supervising(project) }));
    return;
  }
  makeRepository(top);
  const shut = await open();
  await init(shut);
  fs.writeFileSync(path.join(top, 'spec.md'), '# Change\n\nChange files.\n');
  const run = parseRunId((await startRun(shut, { spec: path.join(top, 'spec.md') })).runId);
  await operate(shut, run, (op) => planImport(op, { runId: run, markdown: PLAN }));
  await operate(shut, run, (op) => selectStep(op, { run, step: 1 }));
  fs.writeFileSync(
    shut.paths.config,
    fs.readFileSync(shut.paths.config, 'utf8').replace('[checks]\n', '[checks]\ntest = "true"\n'),
  );
  const prevention = await preventionFor(shut);
  const prevents = prevention.ok && prevention.nests;

  const noticed = await iterations({ ...shut, guarding: 'notice' }, run, 'noticed');
  const prevented = prevents ? await iterations(shut, run, 'prevented') : null;
  addRuns(top, run, shut.paths);
  const beside = prevents ? await iterations(shut, run, 'prevented') : null;
  if (verbose) process.stderr.write(`${JSON.stringify({ noticed, prevented, beside })}\n`);
  process.stdout.write(
    JSON.stringify({
      noticed: middle(noticed),
      prevented: prevented && middle(prevented),
      beside: beside && middle(beside),
      ...(await looks(shut)),
    }),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
