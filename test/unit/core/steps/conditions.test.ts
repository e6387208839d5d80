import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, vi } from 'vitest';
import type { HumanAgent } from '../../../../src/core/agents/agent';
import type { Status } from '../../../../src/core/artifacts/schemas';
import type { Project } from '../../../../src/core/project';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { reviewIteration } from '../../../../src/core/steps/requests';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { waiveIssue } from '../../../../src/core/steps/waive';
import { everyTime, inDepth, some } from '../../../support/deep';
import { git } from '../../../support/git';
import { type Answer, verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { createFixtureRepo, type FixtureRepo, json, lines, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const CODE = { path: 'src/add.mjs', content: 'export const add = (a, b) => a + b;\n' };
const CI = '.github/workflows/ci.yml';
const pass = (attempt: number): Answer => ({ task: 'implementation_review', step: 1, attempt, answer: verdict(true) });
const implement = (...edits: NonNullable<Answer['edits']>): Answer => ({
  task: 'implementation',
  step: 1,
  attempt: 1,
  answer: 'Done.',
  edits: [CODE, ...edits],
});
const fix = (attempt: number, ...edits: NonNullable<Answer['edits']>): Answer => ({
  task: 'fix_generation',
  step: 1,
  attempt,
  answer: 'Fixed.',
  edits,
});

async function begin(
  answers: readonly Answer[],
  config: string,
  options: { readonly files?: Record<string, string>; readonly check?: string } = {},
): Promise<void> {
  fixtureRepo = await createFixtureRepo(answers, {
    config,
    ...(options.check !== undefined && { checks: { test: options.check } }),
  });
  for (const [file, text] of Object.entries(options.files ?? {})) {
    fs.mkdirSync(path.dirname(path.join(fixtureRepo.top, file)), { recursive: true });
    fs.writeFileSync(path.join(fixtureRepo.top, file), text);
  }
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
}

const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const waive = (issue: string, reason = 'wanted', undo = false): ReturnType<typeof waiveIssue> =>
  operate(fixtureRepo, project, (op) => waiveIssue(op, { run: fixtureRepo.run, step: 1, issue, reason, undo }));
const iter = (n: number, file: string): string =>
  path.join(
    fixtureRepo.paths.run(fixtureRepo.run).steps,
    '01-add-the-numbers',
    'iter',
    String(n).padStart(2, '0'),
    file,
  );
const status = (n: number): Status => json(iter(n, 'status.json')) as Status;
const condition = (n: number, name: string): NonNullable<Status['gate']>[number] | undefined =>
  status(n).gate?.find((each) => each.condition === name);
const person = (answer: Awaited<ReturnType<NonNullable<HumanAgent['allow']>>>, asked: string[] = []): HumanAgent => ({
  answer: () => Promise.resolve(null),
  allow: ({ details }) => {
    asked.push(...details);
    return Promise.resolve(answer);
  },
});

describe('a condition of the gate', () => {
  everyTime('with ask ends as needs_person in silence, and lets pass what is waived then', async () => {
    await begin([implement({ path: CI, content: 'on: push\n' }), pass(1)], '');
    expect(await loop()).toMatchObject({
      passed: false,
      iterations: 1,
      reason: 'needs_person',
      message: expect.stringContaining(CI) as string,
    });
    expect(condition(1, 'protected')).toMatchObject({ ok: false, word: 'ask', found: [{ path: CI }] });
    expect(await waive('protected', 'CI is part of it')).toMatchObject({ iteration: 1, pass: true });
    expect(status(1)).toMatchObject({
      pass: true,
      waivers: [{ id: 'protected', reason: 'CI is part of it', hint: expect.stringContaining(CI) as string }],
    });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'passed' });
    expect(await waive('protected', '', true)).toMatchObject({ pass: false });
    expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({ state: 'failed' });
  });

  inDepth('with ask asks the person, who allows it with a reason', async () => {
    await begin([implement({ path: CI, content: 'on: push\n' }), pass(1)], '');
    const asked: string[] = [];
    expect(await loop({}, { person: person({ allowed: true, reason: 'it is the task' }, asked) })).toMatchObject({
      passed: true,
      reason: 'passed',
    });
    expect(asked).toEqual([expect.stringContaining(CI)]);
    expect(status(1).waivers).toEqual([expect.objectContaining({ id: 'protected', reason: 'it is the task' })]);
  });

  inDepth('with ask ends as needs_person when the person says neither', async () => {
    await begin([implement({ path: CI, content: 'on: push\n' }), pass(1)], '');
    expect(await loop({}, { person: person(null) })).toMatchObject({ passed: false, reason: 'needs_person' });
  });

  everyTime('goes back to the agent when the person does not allow it', async () => {
    await begin(
      [implement({ path: CI, content: 'on: push\n' }), pass(1), fix(1, { path: CI, content: null }), pass(2)],
      '',
    );
    expect(await loop({}, { person: person({ allowed: false, reason: 'leave CI alone' }) })).toMatchObject({
      passed: true,
      iterations: 2,
    });
    expect(condition(1, 'protected')).toMatchObject({ ok: false, refused: true });
    expect(
      fs.readFileSync(
        path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'prompt', 'fix.iter01.md'),
        'utf8',
      ),
    ).toContain('leave CI alone');
  });

  everyTime('with block keeps the gate shut and asks nobody', async () => {
    await begin([implement({ path: 'src/other.mjs', content: 'x\n' }), pass(1)], '[gate]\nscope = "block"');
    expect(await loop({ maxIterations: 1 }, { person: person({ allowed: true, reason: 'x' }) })).toMatchObject({
      passed: false,
      reason: 'max_iterations',
      message: expect.stringContaining('src/other.mjs') as string,
    });
    expect(await waive('scope')).toMatchObject({ pass: true });
  });

  everyTime('with warn is named and passes', async () => {
    const test = "it('adds', () => { expect(add(1, 2)).toBe(3); });\n";
    await begin(
      [
        implement(
          { path: 'test/add.test.mjs', content: test.replace('it(', 'it.skip(') },
          { path: 'src/other.mjs', content: 'x\n' },
        ),
        pass(1),
      ],
      '',
      { files: { 'test/add.test.mjs': test } },
    );
    expect(await loop()).toMatchObject({ passed: true });
    expect(status(1).warnings).toEqual([
      expect.stringContaining('test/add.test.mjs has 1 test skipped: "adds"'),
      expect.stringContaining('src/other.mjs'),
    ]);
    expect(condition(1, 'tests')).toMatchObject({ ok: true, word: 'warn', found: [{ path: 'test/add.test.mjs' }] });
  });

  inDepth('with off is not looked at', async () => {
    await begin(
      [implement({ path: CI, content: 'on: push\n' }, { path: 'src/other.mjs', content: 'x\n' }), pass(1)],
      '[gate]\nprotected = "off"\nscope = "off"',
    );
    expect(await loop()).toMatchObject({ passed: true });
    expect(status(1).warnings).toBeUndefined();
  });

  inDepth('holds for protected_paths of config.toml, and for a check script that a check names', async () => {
    await begin(
      [implement({ path: 'deploy/a.yaml', content: 'x\n' }, { path: 'check.mjs', content: '// nothing\n' }), pass(1)],
      '[gate]\nprotected_paths = ["deploy/**"]',
      { files: { 'check.mjs': 'process.exit(0);\n' }, check: `${process.execPath} check.mjs` },
    );
    expect(await loop()).toMatchObject({ reason: 'needs_person' });
    expect(
      condition(1, 'protected')
        ?.found?.map(({ path: file }) => file)
        .sort(),
    ).toEqual(['check.mjs', 'deploy/a.yaml']);
  });

  inDepth('is waived for what the person saw, and not for what comes after', async () => {
    await begin(
      [
        implement({ path: CI, content: 'on: push\n' }),
        pass(1),
        fix(1, { path: 'src/more.mjs', content: 'x\n' }),
        pass(2),
        { ...fix(2, { path: CI, content: 'on: never\n' }), attempt: 2 },
        pass(3),
      ],
      '',
    );
    expect(await loop()).toMatchObject({ reason: 'needs_person' });
    await waive('protected');
    expect(await loop({ resume: 'unfinished' })).toMatchObject({ passed: false });
  });

  everyTime('is not waived by a file that somebody else wrote', async () => {
    await begin(
      [
        implement({ path: CI, content: 'on: push\n' }),
        pass(1),
        fix(1, { path: 'src/add.mjs', content: `${CODE.content}\n` }),
        pass(2),
      ],
      '',
    );
    await loop();
    const issues = json(iter(1, 'issues.json')) as object;
    fs.writeFileSync(
      iter(1, 'issues.json'),
      JSON.stringify({
        ...issues,
        waived_conditions: [
          { condition: 'protected', keys: [condition(1, 'protected')?.found?.[0]?.key], reason: 'me', at: 'now' },
        ],
      }),
    );
    expect(await loop()).toMatchObject({ passed: false, reason: 'needs_person' });
    await expect(waive('tests')).rejects.toMatchObject({ code: 'ISSUE_NOT_FOUND' });
  });
});

describe('checks that fail as known', () => {
  /** Fails with the content of a file, and with the time, which is not relevant. */
  const check =
    `${process.execPath} -e "const t=require('fs').readFileSync('says.txt','utf8');console.log(new ` +
    `Date().toISOString(),t);process.exit(t.includes('fail')?3:0)"`;
  const files = { 'says.txt': 'fails: old\n' };

  everyTime('count as passed once a person has accepted them, these failures and no others', async () => {
    await begin(
      [
        implement(),
        pass(1),
        fix(1, { path: 'src/add.mjs', content: `${CODE.content}// more\n` }),
        pass(2),
        fix(2, { path: 'says.txt', content: 'fails: new\n' }),
        pass(3),
      ],
      '',
      { files, check },
    );
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(condition(1, 'checks_passed')).toMatchObject({ ok: false, found: [{ path: 'test' }] });
    expect(await waive('checks_passed', 'fails since ever')).toMatchObject({ pass: true });
    expect(status(1).waivers).toEqual([expect.objectContaining({ id: 'checks_passed', reason: 'fails since ever' })]);
    expect(await waive('checks_passed', '', true)).toMatchObject({ pass: false });
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(await waive('checks_passed', 'fails since ever')).toMatchObject({ iteration: 2, pass: true });
  });

  inDepth('fail again with other words', async () => {
    await begin(
      [
        implement({ path: 'says.txt', content: 'fails: old\n' }),
        pass(1),
        fix(1, { path: 'says.txt', content: 'fails: new\n' }),
        pass(2),
      ],
      '',
      { files, check },
    );
    await loop({ maxIterations: 1 });
    await waive('checks_passed');
    fs.writeFileSync(path.join(fixtureRepo.top, 'says.txt'), 'fails: old and new\n');
    const result = await operate(fixtureRepo, project, (op) => reviewIteration(op, { run: fixtureRepo.run, step: 1 }));
    expect(result.pass).toBe(false);
    expect(condition(2, 'checks_passed')).toMatchObject({ ok: false });
  });

  inDepth('are known to have failed before, where config.toml has the baseline made', async () => {
    await begin([implement(), pass(1)], '[gate]\nbaseline = true', { files, check });
    expect(await loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(status(1).failed_before).toEqual(['test']);
    expect(condition(1, 'checks_passed')?.why).toBe('failed: test (failed before)');
    expect(fs.readdirSync(path.join(fixtureRepo.paths.run(fixtureRepo.run).root, 'baseline'))).toHaveLength(1);
  });

  inDepth('are not run before the first agent unless config.toml asks for it', async () => {
    await begin([implement(), pass(1)], '');
    expect(await loop()).toMatchObject({ passed: true });
    expect(lines(fixtureRepo.checked)).toEqual(['test']);
  });

  inDepth('are run once before the first agent, and not again for the same tree', async () => {
    await begin([implement(), pass(1)], '[gate]\nbaseline = true');
    expect(await loop()).toMatchObject({ passed: true });
    expect(lines(fixtureRepo.checked)).toEqual(['test', 'test']);
  });
});

describe('the commit', () => {
  everyTime('says what was let through, by a person and with a warning', async () => {
    await begin([implement({ path: CI, content: 'on: push\n' }), pass(1)], '');
    await loop();
    await waive('protected', 'CI is part of it');
    await operate(fixtureRepo, project, (op) =>
      commitRun(op, { runId: fixtureRepo.run, message: 'Add', all: true, force: true }),
    );
    const body = await git(fixtureRepo.top, 'log', '-1', '--format=%(trailers:unfold)');
    expect(body).toMatch(/^Weld-Waived: step 1: protected: \.github\/workflows\/ci\.yml .*\(CI is part of it\)$/mu);
    expect(body).toMatch(/^Weld-Warned: step 1: outside of the step's Changes: \.github\/workflows\/ci\.yml/mu);
  });
});

describe('ignored files', () => {
  everyTime.each(
    some<[string, boolean]>([
      ['warn', true],
      ['block', false],
    ]),
  )('that a guest writes are named by the condition, with "%s"', async (word, passed) => {
    await begin([implement({ path: 'out/hidden.mjs', content: 'x' }), pass(1)], `[gate]\nignored = "${word}"\n`, {
      files: { '.gitignore': 'out/\n', 'out/before.mjs': 'x' },
    });
    await git(fixtureRepo.top, 'add', '.gitignore');
    fs.writeFileSync(path.join(fixtureRepo.top, 'out', 'before.mjs'), 'old');
    // A file as young as the iteration would count as written in it.
    const old = fs.statSync(path.join(fixtureRepo.top, 'out', 'before.mjs')).ctimeMs;
    while (Date.now() < old + 50) fs.statSync(fixtureRepo.top);
    expect(
      await operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, maxIterations: 1 })),
    ).toMatchObject({ passed });
    const { gate } = json(
      path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'iter', '01', 'status.json'),
    ) as unknown as Status;
    expect(gate?.find(({ condition }) => condition === 'ignored')).toMatchObject({
      ok: passed,
      found: [{ path: 'out/hidden.mjs', what: 'was written, and no diff shows it' }],
    });
  });
});
