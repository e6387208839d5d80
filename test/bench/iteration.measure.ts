/** Measures in a process of its own: `measure <folder> <supervisor>`. Prints the medians of each quantity as JSON. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createClaudeAgent } from '../../src/core/agents/claude';
import type { Agent, AgentRequest, AgentResult } from '../../src/core/agents/types';
import type { RunId } from '../../src/core/artifacts/ids';
import { silentLogger } from '../../src/core/logger';
import { acquireRunLock } from '../../src/core/lock';
import { openProject } from '../../src/core/openProject';
import { withOperation } from '../../src/core/operation';
import { supervisionOf, withSupervision } from '../../src/core/process/supervision';
import type { Operation, Project } from '../../src/core/project';
import { init } from '../../src/core/runs/init';
import { planImport } from '../../src/core/runs/plan';
import { startRun } from '../../src/core/runs/start';
import { runLoop } from '../../src/core/steps/loop';
import { selectStep } from '../../src/core/steps/select';
import { storage } from '../support/storage';
import { median } from './median';
import { addRuns, bareGit, change, makeRepository } from './iteration.repository';

const SAMPLES = 5;
const PLAN = '## Step 1: Change\n\n### Goal\nChange.\n\n### Changes\n- Files.\n\n### Acceptance criteria\n- [ ] They are changed.\n\n### Tests\n- None.\n';

function timed(what: () => void): number {
  const begun = performance.now();
  what();
  return performance.now() - begun;
}

/** What one iteration needs of git at the least: the tree, its ref, its patch, and the looks at what the checks and the reviewer left. */
function bareIteration(top: string, index: string, base: string, changed: readonly string[]): void {
  const env = { GIT_INDEX_FILE: index };
  const status = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
  bareGit(top, status, { env });
  bareGit(top, ['update-index', '--add', '-z', '--stdin'], { env, input: changed.join('\0') });
  const tree = bareGit(top, ['write-tree'], { env });
  bareGit(top, ['update-ref', 'refs/weld/bare/01', tree]);
  bareGit(top, ['diff-tree', '-r', '-p', '--binary', '--full-index', base, tree]);
  bareGit(top, status, { env });
  bareGit(top, status, { env });
}

/** What it needs besides, around each of its two agents: the run kept as it was, and released when it still is; and once a look at the refs. */
function bareKeeping(top: string): void {
  const env = { GIT_INDEX_FILE: path.join(top, '.git/bench.weld.index') };
  const weld = ['--git-dir', path.join(top, '.git'), '--work-tree', path.join(top, '.weld')];
  for (const agent of ['writes', 'reads']) {
    if (agent === 'writes') bareGit(top, ['for-each-ref', 'refs/heads/', 'refs/weld/']);
    bareGit(path.join(top, '.weld'), [...weld, 'add', '--all', '--force', '--', 'runs', 'config.toml'], { env });
    const tree = bareGit(top, ['write-tree'], { env });
    bareGit(top, ['update-ref', 'refs/worktree/bench/kept', tree]);
    bareGit(top, ['update-ref', '-d', 'refs/worktree/bench/kept', tree]);
  }
}

/** One call of an agent: when it was asked, and when it had answered. */
interface Call { readonly task: string; readonly from: number; readonly to: number }

/**
 * Ms of each iteration of a loop whose agents change files and find something each time: Weld's own, and, within the
 * agent's time and so under the same load, those of the bare commands for changes of the same size: the least that any
 * tool needs for an iteration, and all that Weld needs.
 */
async function iterations(project: Project, run: RunId): Promise<{ own: number[]; least: number[]; needed: number[] }> {
  const { top } = project;
  const base = bareGit(top, ['rev-parse', 'HEAD^{tree}']);
  const index = path.join(top, '.git/bench.index');
  fs.copyFileSync(path.join(top, '.git/index'), index);
  const calls: Call[] = [];
  const checks: { readonly from: number; readonly to: number }[] = [];
  const least: number[] = [];
  const needed: number[] = [];
  const answer = (request: AgentRequest): AgentResult => {
    const from = performance.now();
    const reviews = request.task === 'implementation_review';
    if (!reviews) {
      const changed = change(top, 2 * calls.length + 1);
      const ms = timed(() => { bareIteration(top, index, base, changed); });
      least.push(ms);
      needed.push(ms + timed(() => { bareKeeping(top); }));
      change(top, 2 * calls.length + 2); // other content, so that Weld finds none of its objects written already
    }
    const issue = { severity: 'blocker', file: 'a', hint: `find ${calls.length}`, maps_to: null };
    calls.push({ task: request.task, from, to: performance.now() });
    return { ok: true, text: reviews ? JSON.stringify({ pass: false, issues: [issue] }) : 'done', usage: { durationMs: 0 } };
  };
  const agent: Agent = { kind: 'replay', label: 'bench', run: (request) => Promise.resolve(answer(request)) };
  const supervision = supervisionOf(project.programs);
  const supervise: typeof supervision.supervise = async (program) => {
    const from = performance.now();
    const ended = await supervision.supervise(program);
    checks.push({ from, to: performance.now() });
    return ended;
  };
  const watched: Project = { ...project, programs: withSupervision({ ...project.programs }, { ...supervision, supervise }), agent: () => Promise.resolve(agent) };
  const result = await operate(watched, run, (op) => runLoop(op, { run, step: 1, maxIterations: SAMPLES }));
  if (checks.length !== SAMPLES) throw new Error(`${checks.length} checks ran`);
  if (result.reason !== 'max_iterations') throw new Error(`the loop ended with ${result.reason}: ${result.message}`);
  calls.push({ task: 'end', from: performance.now(), to: 0 });
  const works = calls.filter((call) => call.task !== 'implementation_review');
  const own = works.slice(0, -1).map((work, i) => {
    const until = works[i + 1]?.from ?? Number.NaN;
    const others = [...calls.filter((call) => call.task === 'implementation_review'), ...checks].filter((call) => call.from > work.to && call.to < until);
    return until - work.to - others.reduce((sum, call) => sum + call.to - call.from, 0);
  });
  return { own, least, needed };
}

/** Growth of resident memory, in bytes, while an agent program streams 200 MB of events, and while it streams 20 MB. */
async function streaming(project: Project): Promise<{ small: number; large: number }> {
  const lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  const exec = path.join(os.tmpdir(), `bench-agent-${process.pid}`);
  fs.writeFileSync(exec, STREAMER, { mode: 0o755 });
  const highest = async (bytes: number): Promise<number> => {
    let most = 0;
    let told = 0;
    const agent = createClaudeAgent({ programs: project.programs }, { exec, model: String(bytes) });
    const before = process.memoryUsage().rss;
    const result = await agent.run({
      task: 'implementation', attempt: 1, prompt: 'x', cwd: project.top, lock, guest: { supervise: (started) => supervisionOf(project.programs).supervise({ ...started, lock }) }, access: 'edit', timeoutMs: 600_000, signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.kind === 'text') told += event.text.length;
        most = Math.max(most, process.memoryUsage.rss() - before);
      },
    });
    if (!result.ok || told < bytes * 0.8) throw new Error(`the agent ended with ${JSON.stringify(result).slice(0, 300)} after ${told} characters`);
    return most;
  };
  try {
    await highest(20e6); // the heap finds its size
    return { small: await highest(20e6), large: await highest(200e6) };
  } finally {
    fs.rmSync(exec);
    await lock.release();
  }
}

/** An agent program that streams as many bytes of text as the word behind `--model` says, in events of 16 KB. */
const STREAMER = `#!/usr/bin/env node
const fs = require('node:fs');
const print = (line) => { for (let at = 0, all = Buffer.from(line + '\\n'); at < all.length;) { try { at += fs.writeSync(1, all, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; } } };
const text = 'The quick brown fox. '.repeat(780);
print(JSON.stringify({ type: 'system', subtype: 'init', session_id: 's', model: 'm' }));
for (let left = Number(process.argv[process.argv.indexOf('--model') + 1]); left > 0; left -= text.length)
  print(JSON.stringify({ type: 'stream_event', parent_tool_use_id: null, event: { type: 'content_block_delta', delta: { type: 'text_delta', text } } }));
print(JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: 'Done.', session_id: 's', total_cost_usd: 0, usage: {} }));
`;

/** Ms of a supervised program that does nothing, and of a bare start of the runtime, which is the most of it. */
async function supervising(project: Project): Promise<{ runtime: number; supervised: number }> {
  const lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  const request = { file: 'true', args: [], cwd: project.top, timeoutMs: 60_000 };
  const runtime: number[] = [];
  const supervised: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    runtime.push((await project.programs.run({ ...request, file: process.execPath, args: ['-e', '0'] })).durationMs);
    const begun = performance.now();
    await supervisionOf(project.programs).supervise({ ...request, lock });
    supervised.push(performance.now() - begun);
  }
  await lock.release();
  return { runtime: median(runtime), supervised: median(supervised) };
}

function operate<T>(project: Project, runId: string, body: (op: Operation) => Promise<T>): Promise<T> {
  return withOperation(project, { runId, command: 'bench', signal: new AbortController().signal, report: () => undefined }, body);
}

async function main(): Promise<void> {
  const [top = '', supervisorPath = ''] = process.argv.slice(2);
  makeRepository(top);
  const started: string[] = [];
  const log = { ...silentLogger, info: (line: string) => { started.push(line); } };
  const project = await openProject(top, { log, supervisorPath, storage });
  await init(project);

  const memory = await streaming(project);
  const supervisor = await supervising(project);
  const status: number[] = [];
  const capture: number[] = [];
  const lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  await project.git.captureTree(lock);
  for (let i = 0; i < SAMPLES; i++) {
    status.push(timed(() => bareGit(top, ['status', '--porcelain'])));
    const begun = performance.now();
    await project.git.captureTree(lock);
    capture.push(performance.now() - begun);
  }
  await lock.release();

  fs.writeFileSync(path.join(top, 'spec.md'), '# Change\n\nChange files.\n');
  const { runId } = await startRun(project, { spec: path.join(top, 'spec.md') });
  await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
  await operate(project, runId, (op) => selectStep(op, { run: runId, step: 1 }));
  started.length = 0;
  fs.writeFileSync(project.paths.config, fs.readFileSync(project.paths.config, 'utf8').replace('[checks]\n', '[checks]\ntest = "true"\n'));
  const { own, least, needed } = await iterations(project, runId);
  addRuns(project.paths.runs, project.paths.run(runId).root);
  const { own: beside } = await iterations(project, runId);
  if (process.env['WELD_BENCH_VERBOSE'] !== undefined) process.stderr.write(`${started.join('\n')}\n${JSON.stringify({ own, beside, least, needed, status, capture })}\n`);
  process.stdout.write(`${JSON.stringify({ status: median(status), capture: median(capture), least: median(least), needed: median(needed), own: median(own), beside: median(beside), memory, supervisor })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
