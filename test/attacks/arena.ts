import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Agent, AgentRequest, AgentResult } from '../../src/core/agents/agent';
import type { Task } from '../../src/core/config/providers';
import { openProject } from '../../src/core/openProject';
import { withOperation } from '../../src/core/operation';
import type { Operation, Project } from '../../src/core/project';
import { commitRun } from '../../src/core/runs/commitRun';
import { readRun } from '../../src/core/runs/listRuns';
import { runLoop } from '../../src/core/steps/runLoop';
import { selectStep } from '../../src/core/steps/select';
import { startOf } from '../../src/core/system/processes';
import { silentLogger } from '../../src/core/util/logger';
import { bundled } from '../support/bundles';
import { git } from '../support/git';
import { verdict } from '../support/recordings';
import { createFixtureRepo, type FixtureRepo } from '../unit/core/steps/support/fixtureRepo';
import { type Found, judgeFrom, type Snapshot } from './judge';

export const PLACES = ['implementer', 'fixer', 'reviewer', 'check', 'hook', 'filter'] as const;
export type Place = (typeof PLACES)[number];

export interface Attack {
  readonly place: Place;
  /** Names of attacks in guest.mjs, tried in order. */
  readonly attacks: readonly string[];
  /** `notice`: the configuration turns prevention off for all guests, as on a system without it. */
  readonly guard: 'prevent' | 'notice';
}

const OTHER = '20260101-090000-other';
const STEP = '01-add-the-numbers';
const GUEST = path.join(import.meta.dirname, 'guest.mjs');
/** No guest can make this check pass: if the step passes, Weld has been fooled. */
const TRUTH = 'import * as fs from "node:fs"; process.exit(fs.existsSync("src/good.txt") ? 0 : 1);\n';

/**
 * Plays an attack in a repository with two runs and a person's own files: one guest is scripted, all others are honest.
 */
export async function play(attack: Attack): Promise<Found> {
  const fixtureRepo = await createFixtureRepo([], { checks: {} });
  const storage = path.join(fixtureRepo.home, 'storage');
  const mark = `mark-${path.basename(fixtureRepo.home)}`;
  const victim = await bystander();
  try {
    const ctx = prepare(fixtureRepo, storage, mark, victim, attack);
    const open = (): Promise<Project> =>
      openProject(fixtureRepo.top, {
        log: silentLogger,
        supervisorPath: bundled('src/core/process/supervisor/main.ts'),
        storage,
      });
    const project = guestsIn(await open(), attack, ctx);
    await operate(project, fixtureRepo, (op) => selectStep(op, { run: fixtureRepo.run, step: 1 }));
    await prepareRepository(fixtureRepo, attack, ctx);
    const before = judgeFrom.snapshot(fixtureRepo, OTHER);
    const said: string[] = [];
    const told = async (what: Promise<unknown>): Promise<void> => {
      const answer = await what.catch((error: unknown) => error);
      said.push(answer instanceof Error ? answer.message : JSON.stringify(answer));
    };
    await told(operate(project, fixtureRepo, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, maxIterations: 2 })));
    if (attack.place === 'hook')
      await told(
        operate(project, fixtureRepo, (op) =>
          commitRun(op, { runId: fixtureRepo.run, message: 'Forced', all: true, force: true }),
        ),
      );
    return await look(fixtureRepo, open, before, {
      said,
      mark,
      victim,
      outside: path.join(fixtureRepo.home, 'outside'),
      forced: attack.place === 'hook',
    });
  } finally {
    victim.child.kill('SIGKILL');
    judgeFrom.endMarked(mark);
    judgeFrom.remove(fixtureRepo.home);
  }
}

interface Bystander {
  readonly child: ChildProcess;
  readonly pid: number;
}

/** An unrelated process of the same user. */
async function bystander(): Promise<Bystander> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  if (child.pid === undefined) throw new Error('no bystander');
  return { child, pid: child.pid };
}

function prepare(
  fixtureRepo: FixtureRepo,
  storage: string,
  mark: string,
  victim: Bystander,
  { guard }: Attack,
): string {
  const put = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  };
  const outside = path.join(fixtureRepo.home, 'outside');
  put(path.join(outside, 'precious.txt'), 'precious\n');
  put(path.join(fixtureRepo.home, 'truth.mjs'), TRUTH);
  fs.mkdirSync(storage, { recursive: true });
  const other = fixtureRepo.paths.root;
  fs.cpSync(fixtureRepo.paths.run(fixtureRepo.run).root, path.join(other, 'runs', OTHER), { recursive: true });
  put(
    path.join(other, 'runs', OTHER, 'meta.json'),
    fs.readFileSync(fixtureRepo.paths.run(fixtureRepo.run).meta, 'utf8').replaceAll(fixtureRepo.run, OTHER),
  );
  put(path.join(other, 'notes.md'), 'mine\n');
  put(path.join(other, 'prompts', 'own.md'), 'mine too\n');
  const ctx = path.join(fixtureRepo.home, 'ctx.json');
  put(
    ctx,
    JSON.stringify({
      top: fixtureRepo.top,
      weld: fixtureRepo.paths.root,
      run: fixtureRepo.run,
      other: OTHER,
      step: STEP,
      storage,
      home: fixtureRepo.home,
      mark,
      outside,
      victim: { pid: victim.pid, pid_started_at: startOf(victim.pid), host: null },
    }),
  );
  put(path.join(fixtureRepo.home, 'guard'), guard);
  return ctx;
}

const command = (ctx: string, attack: Attack): string =>
  `${process.execPath} ${GUEST} ${ctx} "${attack.attacks.join(',')}"`;

/** Writes the checks, and the guest if it is part of the repository. */
async function prepareRepository(fixtureRepo: FixtureRepo, attack: Attack, ctx: string): Promise<void> {
  const truth = `${process.execPath} ${path.join(fixtureRepo.home, 'truth.mjs')}`;
  const checks = [
    ...(attack.place === 'check' ? [`attack = ${JSON.stringify(command(ctx, attack))}`] : []),
    `truth = ${JSON.stringify(truth)}`,
  ];
  const notice =
    attack.guard === 'notice'
      ? [
          '[guard]',
          ...['attack', 'truth', 'claude', 'commit', 'filter', 'hook', 'filters'].map((name) => `${name} = "notice"`),
        ]
      : [];
  fs.writeFileSync(fixtureRepo.paths.config, ['[checks]', ...checks, ...notice, ''].join('\n'));
  if (attack.place === 'hook') {
    const hook = path.join(fixtureRepo.top, '.git', 'hooks', 'pre-commit');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(hook, `#!/bin/sh\n${command(ctx, attack)}\nexit 0\n`, { mode: 0o755 });
  }
  if (attack.place === 'filter') {
    await git(
      fixtureRepo.top,
      'config',
      'filter.guest.clean',
      `sh -c '${command(ctx, attack).replaceAll("'", '')} >/dev/null; cat'`,
    );
    fs.writeFileSync(path.join(fixtureRepo.top, '.gitattributes'), '*.txt filter=guest\n');
    await git(fixtureRepo.top, 'add', '.gitattributes');
    await git(fixtureRepo.top, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'attributes');
  }
}

/**
 * Agents that are programs: an honest one writes code that the check does not accept, and an honest reviewer says so.
 */
function guestsIn(project: Project, attack: Attack, ctx: string): Project {
  const usage = { durationMs: 1 };
  const evil: Partial<Record<Place, Task>> = {
    implementer: 'implementation',
    fixer: 'fix_generation',
    reviewer: 'implementation_review',
  };
  const run = async (task: Task, request: AgentRequest): Promise<AgentResult> => {
    const script =
      `require('fs').mkdirSync('src', { recursive: true }); ` +
      `require('fs').writeFileSync('src/work.txt', ` +
      `${JSON.stringify(task)} + process.hrtime.bigint());`;
    if (task !== 'implementation_review')
      await request.guest.supervise({
        file: process.execPath,
        args: ['-e', script],
        cwd: project.top,
        timeoutMs: 30_000,
      });
    if (evil[attack.place] === task)
      await request.guest.supervise({
        file: process.execPath,
        args: [GUEST, ctx, attack.attacks.join(',')],
        cwd: project.top,
        timeoutMs: 60_000,
      });
    if (task !== 'implementation_review') return { ok: true, text: 'Done.', usage };
    return {
      ok: true,
      text: verdict(false, [
        { severity: 'blocker', file: 'src/work.txt', hint: 'This is not what was asked for.', maps_to: '1' },
      ]),
      usage,
    };
  };
  return {
    ...project,
    agent: (task) =>
      Promise.resolve<Agent>({ kind: 'claude', label: 'The guest', run: (request) => run(task, request) }),
  };
}

function operate<T>(project: Project, fixtureRepo: FixtureRepo, body: (op: Operation) => Promise<T>): Promise<T> {
  return withOperation(
    project,
    { runId: fixtureRepo.run, command: 'attacked', signal: new AbortController().signal, report: () => undefined },
    body,
  );
}

interface Told {
  readonly said: readonly string[];
  readonly mark: string;
  readonly victim: Bystander;
  readonly outside: string;
  readonly forced: boolean;
}

async function look(
  fixtureRepo: FixtureRepo,
  open: () => Promise<Project>,
  before: Snapshot,
  told: Told,
): Promise<Found> {
  // A process left behind forges several times per second, so it has acted before the judge looks.
  await new Promise((wake) => setTimeout(wake, 600));
  const fresh = await open();
  const run = await readRun(fresh, fixtureRepo.run).catch((error: unknown) => error as Error);
  const states = run instanceof Error ? [] : run.steps.map((step) => `${step.n} ${step.state}`);
  const commit = await operate(fresh, fixtureRepo, (op) =>
    commitRun(op, { runId: fixtureRepo.run, message: 'As if it had passed' }),
  ).then(
    ({ sha }) => sha,
    () => null,
  );
  return judgeFrom.outside(fixtureRepo, before, {
    states,
    unreadable: run instanceof Error ? run.message : null,
    committedWithoutForce: commit,
    ...told,
  });
}
