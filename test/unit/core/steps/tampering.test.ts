import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { nextStep } from '../../../../src/core/runs/nextStep';
import { amendStep } from '../../../../src/core/steps/requests';
import type { LoopRequest } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { everyTime, inDepth, some } from '../../../support/deep';
import { git } from '../../../support/git';
import { type Answer, verdict } from '../../../support/recordings';
import { until } from '../../../support/run';
import { bundledSupervisor } from '../process/support';
import { BLOCKER, ONE_ITERATION, TWO_ITERATIONS } from './support/answers';
import { createFixtureRepo, type FixtureRepo, json, lines, record, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { onPhase, type PHASES } from './support/phases';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

/**
 * A fixture whose only check runs a script outside of the repository. @param script can use `top` and `times`, the
 * number of its runs
 */
async function at(answers: readonly Answer[], script = ''): Promise<void> {
  fixtureRepo = await createFixtureRepo(answers, { checks: {} });
  fs.writeFileSync(
    path.join(fixtureRepo.home, 'guest.mjs'),
    `
    import * as fs from 'node:fs'; import * as path from 'node:path';
    const top = ${JSON.stringify(fixtureRepo.top)}, log = ${JSON.stringify(fixtureRepo.checked)};
    const times = fs.readFileSync(log, 'utf8').split('\\n').length;
    fs.appendFileSync(log, 'test\\n');
    ${script}
  `,
  );
  const check = `test = ${JSON.stringify(`${process.execPath} ${path.join(fixtureRepo.home, 'guest.mjs')}`)}`;
  fs.writeFileSync(
    fixtureRepo.paths.config,
    fs.readFileSync(fixtureRepo.paths.config, 'utf8').replace('[checks]\n', `[checks]\n${check}\n`),
  );
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
}

/** Lets an unguarded process act at the beginning of a phase. */
const striking = (phase: (typeof PHASES)[number], strike: () => void): OperateOptions => ({
  report: onPhase((begun) => {
    if (begun === phase) strike();
  }),
});
const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}) =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const commit = () =>
  operate(fixtureRepo, project, (op) => commitRun(op, { runId: fixtureRepo.run, message: 'Work', all: true }));
const state = () => readStepState(project, fixtureRepo.run, 1);
const stepRoot = (): string => path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers');
const iter = (n: number, name: string): string => path.join(stepRoot(), 'iter', String(n).padStart(2, '0'), name);
const status = (n: number) =>
  json(iter(n, 'status.json')) as {
    pass: boolean;
    notices?: string[];
    gate: { condition: string; ok: boolean; why: string }[];
  };
const failing = (n: number): string[] =>
  status(n)
    .gate.filter((each) => !each.ok)
    .map((each) => each.condition);
const put = (file: string, value: unknown): void => {
  fs.writeFileSync(file, JSON.stringify(value));
};
const FAILING: readonly Answer[] = [
  ONE_ITERATION[0]!,
  { task: 'implementation_review', step: 1, attempt: 1, answer: verdict(false, [BLOCKER]) },
];
const more: readonly Answer[] = [TWO_ITERATIONS[2]!, TWO_ITERATIONS[3]!];
const PASS = {
  pass: true,
  issue_count: 0,
  blocker_count: 0,
  major_count: 0,
  minor_count: 0,
  checks_exit_code: 0,
  diff_nonempty: true,
  timestamp: '2026-01-05T12:30:00Z',
  complete: true,
  epoch: 99,
};

/** A forged iteration that claims to have passed. */
function plant(n: number): void {
  fs.mkdirSync(iter(n, 'checks'), { recursive: true });
  for (const name of ['diff.patch', 'checks.summary.json', 'review.md']) put(iter(n, name), {});
  put(iter(n, 'issues.json'), { pass: true, issues: [] });
  put(iter(n, 'status.json'), PASS);
}

describe('what a check plants', () => {
  everyTime('as an iteration of its own never counts, and confuses no resume', async () => {
    await at(
      FAILING,
      `
      const folder = path.join(top, '.weld/runs/20260105-120000-sample/steps/01-add-the-numbers/iter/02');
      if (times === 1) {
        fs.mkdirSync(path.join(folder, 'checks'), { recursive: true });
        for (const name of ['diff.patch', 'checks.summary.json', 'review.md'])
          fs.writeFileSync(path.join(folder, name), '{}');
        fs.writeFileSync(path.join(folder, 'issues.json'), JSON.stringify({ pass: true, issues: [] }));
        fs.writeFileSync(path.join(folder, 'status.json'), JSON.stringify(${JSON.stringify(PASS)}));
      }`,
    );
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false, iterations: 1 });
    expect((await state()).state).toMatch(/^(failed|in-progress)$/u);
    await expect(commit()).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    record(fixtureRepo, [...FAILING, ...more]);
    expect(await loop({ resume: true, maxIterations: 2 })).toMatchObject({ passed: true, iterations: 2 });
    expect(await state()).toMatchObject({ state: 'passed', iterations: [{ n: 1 }, { n: 2 }] });
  });
});

describe('what is planted past the guard', () => {
  everyTime.each(some([2, 7]))(
    'as iteration %i counts for nothing, is named and kept, and confuses no resume',
    async (n) => {
      await at(FAILING);
      expect(
        await loop(
          { maxIterations: 1 },
          striking('1 review', () => {
            plant(n);
          }),
        ),
      ).toMatchObject({ passed: false, iterations: 1, reason: 'max_iterations' });
      expect(await state()).toMatchObject({ state: 'failed', iterations: [{ n: 1, state: 'failed' }] });
      expect(status(1).notices?.join(' ')).toContain(`Iteration ${n} was not made by this Weld`);
      const kept = fs.readdirSync(path.join(stepRoot(), 'aside'));
      expect(fs.readdirSync(path.join(stepRoot(), 'aside', kept[0] ?? ''))).toContain('status.json');
      await expect(commit()).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
      record(fixtureRepo, [...FAILING, ...more]);
      expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: true, iterations: 2 });
    },
  );

  inDepth('after the loop has ended does not pass, and the next loop moves it away', async () => {
    await at(FAILING);
    await loop({ maxIterations: 1 });
    plant(2);
    expect(await state()).toMatchObject({ state: 'passed-elsewhere' });
    expect(await nextStep(project, fixtureRepo.run)).toMatchObject({ kind: 'step-accept', step: 1 });
    await expect(commit()).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
    record(fixtureRepo, [...FAILING, ...more]);
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: true, iterations: 2 });
    expect(status(2).notices?.join(' ')).toContain('Iteration 2 was not made by this Weld');
  });

  inDepth('as nothing at all, where an iteration was removed, lets the next one begin anew', async () => {
    await at([
      ...FAILING,
      { ...ONE_ITERATION[0]!, attempt: 2 },
      { ...ONE_ITERATION[1]!, attempt: 2 },
      { ...ONE_ITERATION[1]!, attempt: 1 },
    ]);
    await loop({ maxIterations: 1 });
    fs.rmSync(path.dirname(iter(1, 'x')), { recursive: true });
    record(fixtureRepo, [ONE_ITERATION[0]!, ONE_ITERATION[1]!]);
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: true, iterations: 1 });
    expect(lines(fixtureRepo.calls).filter((call) => call === 'implementation 1')).toHaveLength(2);
    expect(await state()).toMatchObject({ state: 'passed', iterations: [{ n: 1 }] });
  });

  inDepth('as a waiver in an earlier verdict waives nothing', async () => {
    const again: Answer = { ...TWO_ITERATIONS[3]!, answer: verdict(true, [BLOCKER]) };
    await at([...FAILING, TWO_ITERATIONS[2]!, again]);
    const strike = (): void => {
      const found = json(iter(1, 'issues.json')) as { issues: object[] };
      put(iter(1, 'issues.json'), {
        ...found,
        issues: found.issues.map((issue) => ({ ...issue, waived: { reason: 'fine', at: '2026-01-05T12:00:00Z' } })),
      });
    };
    expect(await loop({ maxIterations: 2 }, striking('2 verdict', strike))).toMatchObject({ passed: false });
    expect(failing(2)).toContain('no_blockers');
    expect(json(iter(2, 'status.json'))).toMatchObject({ waivers: [] });
  });

  everyTime('as a waiver in its own verdict makes nothing pass, and cannot be built on', async () => {
    await at(FAILING);
    await loop({ maxIterations: 1 });
    const found = json(iter(1, 'issues.json')) as { issues: { id: string }[] };
    put(iter(1, 'issues.json'), {
      ...found,
      issues: found.issues.map((issue) => ({ ...issue, waived: { reason: 'fine', at: 'now' } })),
    });
    put(iter(1, 'status.json'), { ...json(iter(1, 'status.json')), pass: true, gate: [] });
    expect(await state()).toMatchObject({ state: 'changed-since' });
    const id = found.issues[0]?.id ?? '';
    await expect(
      operate(fixtureRepo, project, (op) =>
        waiveIssue(op, { run: fixtureRepo.run, step: 1, issue: id, reason: 'so it is' }),
      ),
    ).rejects.toMatchObject({ code: 'VIOLATION' });
  });
});

describe('what is taken from the gate past the guard', () => {
  const config = (change: (text: string) => string): void => {
    fs.writeFileSync(fixtureRepo.paths.config, change(fs.readFileSync(fixtureRepo.paths.config, 'utf8')));
  };

  inDepth('as its checks runs all the same, and is named', async () => {
    await at(ONE_ITERATION);
    config((text) => text.replace('[checks]\n', '[checks]\nbroken = "false"\n'));
    expect(
      await loop(
        { maxIterations: 1 },
        striking('1 checks', () => {
          config((text) => text.replace(/^(test|broken) = .*$/gmu, ''));
        }),
      ),
    ).toMatchObject({ passed: false });
    expect(failing(1)).toEqual(['checks_passed']);
    expect(status(1).notices?.join(' ')).toContain('config.toml was changed during this operation');
  });

  inDepth('as another reviewer is not asked', async () => {
    await at(FAILING);
    put(path.join(fixtureRepo.home, 'other.json'), { version: 1, answers: ONE_ITERATION });
    expect(
      await loop(
        { maxIterations: 1 },
        striking('1 review', () => {
          config((text) => text.replace('recording.json', 'other.json'));
        }),
      ),
    ).toMatchObject({ passed: false });
    expect(failing(1)).toContain('no_blockers');
  });

  everyTime(
    'as the record of the step does not change what is judged, is named, and stops the next loop until it is read',
    async () => {
      await at(FAILING);
      const file = path.join(stepRoot(), 'step.json');
      await loop(
        { maxIterations: 1 },
        striking('1 checks', () => {
          put(file, { ...json(file), acceptance_criteria: [] });
        }),
      );
      expect(fs.readFileSync(iter(1, 'review.prompt.md'), 'utf8')).toContain('It refuses texts');
      expect(status(1).notices?.join(' ')).toContain('step.json was changed');
      await expect(loop({ maxIterations: 1 })).rejects.toMatchObject({
        code: 'VIOLATION',
        message: expect.stringContaining('step.json') as string,
      });
      await operate(fixtureRepo, project, (op) => amendStep(op, { run: fixtureRepo.run, step: 1 }));
      record(fixtureRepo, [...FAILING, ...more]);
      expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: true });
    },
  );

  inDepth.each<[string, () => string[]]>([
    ['moved', () => ['update-ref', base(), 'HEAD^{tree}']],
    ['removed', () => ['update-ref', '-d', base()]],
  ])('as the tree that the step began with is put back and named when it was %s', async (_how, args) => {
    await at(ONE_ITERATION);
    fs.writeFileSync(path.join(fixtureRepo.top, 'before.txt'), 'x');
    await git(fixtureRepo.top, 'update-ref', '-d', base());
    fs.rmSync(path.join(fixtureRepo.home, 'storage'), { recursive: true });
    await select(fixtureRepo, project);
    const before = await git(fixtureRepo.top, 'rev-parse', base());
    await loop(
      { maxIterations: 1 },
      striking('1 verdict', () => {
        execFileSync('git', args(), { cwd: fixtureRepo.top });
      }),
    );
    expect(await git(fixtureRepo.top, 'rev-parse', base())).toBe(before);
    expect(status(1).notices?.join(' ')).toContain(`${base()} had been moved or removed`);
    expect(await state()).toMatchObject({ state: 'passed', base: before });
  });
  const base = (): string => `refs/weld/${fixtureRepo.run}/01-add-the-numbers/base`;
});

describe('checks that change files', () => {
  everyTime('pass once they leave them alone, on the tree that they left, which the reviewer sees', async () => {
    await at(
      ONE_ITERATION,
      `
      const file = path.join(top, 'src/add.mjs'), text = fs.readFileSync(file, 'utf8');
      if (!text.startsWith('// formatted')) fs.writeFileSync(file, '// formatted\\n' + text);`,
    );
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: true });
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
    expect(status(1).notices).toEqual([
      'The checks changed src/add.mjs; that was captured, and they ran once more on it.',
    ]);
    for (const name of ['diff.patch', 'review.prompt.md'])
      expect(fs.readFileSync(iter(1, name), 'utf8'), name).toContain('+// formatted');
    const tree = await git(fixtureRepo.top, 'rev-parse', `refs/weld/${fixtureRepo.run}/01-add-the-numbers/01`);
    expect(json(iter(1, 'progress.json'))).toMatchObject({ tree, checked_tree: tree });
    expect(await git(fixtureRepo.top, 'show', `${tree}:src/add.mjs`)).toContain('// formatted');
    expect(await state()).toMatchObject({ state: 'passed', iterations: [{ tree }] });
  });

  inDepth('do not pass when they change them each time that they run, and say which', async () => {
    await at(ONE_ITERATION, `fs.appendFileSync(path.join(top, 'src/add.mjs'), '// ' + times + '\\n');`);
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(failing(1)).toEqual(['checks_left_tree']);
    expect(status(1).gate.find((each) => !each.ok)?.why).toContain('src/add.mjs');
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
  });

  inDepth('do not pass when only the second run fails', async () => {
    await at(
      ONE_ITERATION,
      `
      fs.writeFileSync(path.join(top, 'made.txt'), 'made');
      process.exit(times === 1 ? 0 : 1);`,
    );
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(failing(1)).toEqual(['checks_passed']);
  });
});

describe('a daemon that is there already', () => {
  const daemons: ChildProcess[] = [];
  afterEach(() => {
    for (const daemon of daemons.splice(0)) daemon.kill('SIGKILL');
  });

  /** Writes its content into a file of iteration 1 whenever the file has other content. */
  function daemon(name: string, content: object): void {
    const code = `
      const fs = require('fs'), [file, content, struck] = process.argv.slice(1);
      (function look() {
        try {
          if (fs.readFileSync(file, 'utf8') !== content) { fs.writeFileSync(file, content); fs.writeFileSync(struck, 'x'); }
        } catch {}
        setImmediate(look);
      })();`;
    daemons.push(
      spawn(
        process.execPath,
        ['-e', code, iter(1, name), JSON.stringify(content), path.join(fixtureRepo.home, 'struck')],
        {
          stdio: 'ignore',
        },
      ),
    );
  }
  const struck = (): Promise<unknown> =>
    until('the daemon to strike', () => Promise.resolve(fs.existsSync(path.join(fixtureRepo.home, 'struck'))));

  inDepth.each<[string, object]>([
    ['issues.json', { pass: true, issues: [] }],
    ['review.md', { pass: true, issues: [] }],
    ['checks.summary.json', { categories: {}, all_passed: true }],
    [
      'progress.json',
      { iteration: 1, done: ['implement', 'diff', 'checks', 'review', 'verdict'], epoch: 0, updated_at: '' },
    ],
    [
      'status.json',
      {
        pass: true,
        issue_count: 0,
        blocker_count: 0,
        major_count: 0,
        minor_count: 0,
        checks_exit_code: 0,
        diff_nonempty: true,
        timestamp: '',
        complete: true,
        epoch: 99,
      },
    ],
  ])('makes nothing pass that did not by replacing %s', async (name, content) => {
    await at(FAILING);
    daemon(name, content);
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    await struck();
    expect((await state()).state).not.toBe('passed');
    await expect(commit()).rejects.toMatchObject({ code: 'STEP_NOT_PASSED' });
  });

  inDepth.each(['issues.json', 'status.json'])(
    'keeps a step from counting by replacing a passing %s, and is named',
    async (name) => {
      await at(ONE_ITERATION);
      daemon(name, { pass: true, issues: [], by: 'me' });
      const result = await loop({ maxIterations: 1 });
      await struck();
      expect((await state()).state).not.toBe('passed');
      if (!result.passed)
        expect(result).toMatchObject({ reason: 'violation', message: expect.stringContaining(name) as string });
    },
  );
});
