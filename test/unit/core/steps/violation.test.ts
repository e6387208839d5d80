import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { AgentRequest, AgentResult } from '../../../../src/core/agents/agent';
import { acquireRunLock, inspectLock } from '../../../../src/core/lock';
import type { Project } from '../../../../src/core/project';
import { askInRun } from '../../../../src/core/runs/askInRun';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { bundled } from './support/bundle';
import { createFixtureRepo, type FixtureRepo, lines, removeFixtureRepo, stateOf } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const usage = { durationMs: 1 };
const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const inWeld = (...rest: string[]): string => path.join(fixtureRepo.paths.root, ...rest);
const stepFile = (...rest: string[]): string =>
  path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', ...rest);
const tampered = (file: string): Promise<string> =>
  git(fixtureRepo.top, 'show', `refs/weld/${fixtureRepo.run}/tampered:${file}`);

/** An agent that does its task, and something else too. */
function also(
  violation: (request: AgentRequest) => void,
  text = 'Added.',
): (request: AgentRequest) => Promise<AgentResult> {
  return async (request) => {
    await Promise.resolve();
    fs.mkdirSync(path.join(fixtureRepo.top, 'src'), { recursive: true });
    fs.writeFileSync(path.join(fixtureRepo.top, 'src', 'add.mjs'), 'export const add = (a, b) => a + b;\n');
    violation(request);
    return { ok: true, text, usage };
  };
}
const implementing = (violation: () => void): OperateOptions => ({ agents: { implementation: also(violation) } });

/** Excludes what a finished phase writes about itself. */
function kept(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stateOf(fixtureRepo)).filter(([name]) => !/[/\\]iter[/\\]|[/\\]calls\.json$/u.test(name)),
  );
}

async function resumed(): Promise<void> {
  expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
  expect(lines(fixtureRepo.calls)).toEqual(['implementation 1', 'implementation_review 1']);
  expect(await git(fixtureRepo.top, 'for-each-ref', 'refs/worktree')).toBe('');
}

describe('an agent that goes beyond its task stops the loop, and run state survives', () => {
  everyTime('removes all runs', async () => {
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        fs.rmSync(inWeld('runs'), { recursive: true });
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'violation' });
    expect(result.message).toMatch(
      /^own changed Weld's own files while it worked \(runs\/.* and \d+ more\); they were put back/u,
    );
    expect(kept()).toEqual(before);
    await resumed();
  });

  async function cleaned(options: readonly string[], ignored: string): Promise<void> {
    fs.writeFileSync(path.join(fixtureRepo.top, '.gitignore'), ignored);
    fs.writeFileSync(fixtureRepo.paths.gitignore, '*\n!.gitignore\n!config.toml\n');
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        execFileSync('git', ['clean', ...options, '.weld'], { cwd: fixtureRepo.top });
      }),
    );
    expect(result, result.message).toMatchObject({ passed: true, iterations: 1 });
    expect(fs.readFileSync(stepFile('iter', '01', 'status.json'), 'utf8')).toContain(
      'own removed what git does not track below .weld, as a clean-up does (',
    );
    expect(kept()).toMatchObject(before);
    expect(await inspectLock(fixtureRepo.paths.root)).toMatchObject({ kind: 'free' });
  }

  everyTime(
    'removes everything that git ignores, as a clean-up does: it is put back, named, and the loop goes on',
    () => cleaned(['-fdxq'], '.weld/\n'),
  );
  inDepth.each([
    ['git ignores', ['-fdxq'], '.weld/\n'],
    ['git does not track', ['-fdxq'], ''],
    ['git neither tracks nor ignores', ['-fdq'], ''],
  ])(
    'removes everything that %s, as a clean-up does: it is put back, named, and the loop goes on',
    (_, options, ignored) => cleaned(options, ignored),
  );

  inDepth(
    'removes everything with the lock, and another window has taken it meanwhile: nothing is written',
    async () => {
      const result = await loop(
        {},
        {
          agents: {
            implementation: also(() => undefined),
            implementation_review: async () => {
              fs.rmSync(inWeld(), { recursive: true });
              fs.mkdirSync(inWeld());
              const other = await acquireRunLock(fixtureRepo.paths.root, { runId: 'other', command: 'other' });
              await other.release();
              return { ok: true, text: verdict(true), usage };
            },
          },
        },
      );
      expect(result).toMatchObject({ passed: false, reason: 'lock_lost' });
    },
  );

  inDepth.each([
    [
      'its run and the lock, while another run stays',
      () => {
        fs.rmSync(fixtureRepo.paths.run(fixtureRepo.run).root, { recursive: true });
      },
    ],
    [
      'everything, and then writes below .weld again',
      () => {
        fs.rmSync(inWeld(), { recursive: true });
        fs.mkdirSync(inWeld('runs', 'scratch'), { recursive: true });
      },
    ],
  ])('removes %s', async (_, violation) => {
    fs.mkdirSync(inWeld('runs', '20260106-120000-other'));
    fs.writeFileSync(inWeld('runs', '20260106-120000-other', 'plan.md'), 'x');
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        violation();
        fs.rmSync(fixtureRepo.paths.activeLock, { force: true });
        fs.rmSync(fixtureRepo.paths.lockDir, { recursive: true, force: true });
      }),
    );
    expect(result).toMatchObject({
      passed: false,
      reason: 'violation',
      message: expect.stringMatching(/^own changed Weld's own files .*; they were put back/u) as string,
    });
    expect(kept()).toEqual(before);
    expect(
      await loop(
        { resume: true },
        implementing(() => undefined),
      ),
    ).toMatchObject({ passed: true });
  });

  everyTime('removes its run, and Weld is killed with it: the next command brings it back first', async () => {
    const before = kept();
    const killed = spawnSync(
      process.execPath,
      [bundled('crash'), JSON.stringify(fixtureRepo), bundledSupervisor(), 'after removing the run'],
      { encoding: 'utf8', timeout: 100_000 },
    );
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    expect(fs.existsSync(fixtureRepo.paths.run(fixtureRepo.run).root)).toBe(false);
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
    expect(kept()).toMatchObject(before);
    expect(await git(fixtureRepo.top, 'for-each-ref', 'refs/worktree')).toBe('');
  });

  inDepth('removes all runs, and its adapter throws', async () => {
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        fs.rmSync(inWeld('runs'), { recursive: true });
        throw new Error('EISDIR');
      }),
    );
    expect(result).toMatchObject({
      passed: false,
      reason: 'violation',
      message: expect.stringContaining('they were put back') as string,
    });
    expect(kept()).toEqual(before);
    await resumed();
  });

  everyTime("removes and forges Weld's refs", async () => {
    const refs = (): Promise<string> => git(fixtureRepo.top, 'for-each-ref', 'refs/weld');
    const before = await refs();
    const base = `refs/weld/${fixtureRepo.run}/01-add-the-numbers/base`;
    const result = await loop(
      {},
      implementing(() => {
        execFileSync('git', ['update-ref', '-d', base], { cwd: fixtureRepo.top });
        execFileSync('git', ['update-ref', `refs/weld/${fixtureRepo.run}/02-second/base`, 'HEAD^{tree}'], {
          cwd: fixtureRepo.top,
        });
        execFileSync('git', ['update-ref', 'refs/weld/20260107-120000-elsewhere/01-x/base', 'HEAD^{tree}'], {
          cwd: fixtureRepo.top,
        });
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'violation' });
    expect(result.message).toBe(
      `own changed what Weld keeps in git while it worked (refs/weld/${fixtureRepo.run}/02-second/base, ${base}); it ` +
        'was put back.',
    );
    // A ref of another work tree.
    await git(fixtureRepo.top, 'update-ref', '-d', 'refs/weld/20260107-120000-elsewhere/01-x/base');
    expect(await refs()).toBe(before);
    await resumed();
  });

  inDepth.each([
    [
      'config',
      () => {
        execFileSync('git', ['config', 'core.hooksPath', '/tmp'], { cwd: fixtureRepo.top });
      },
    ],
    [
      'hooks/pre-commit',
      () => {
        fs.writeFileSync(path.join(fixtureRepo.top, '.git/hooks/pre-commit'), '#!/bin/sh\n');
      },
    ],
    [
      'info/exclude',
      () => {
        fs.appendFileSync(path.join(fixtureRepo.top, '.git/info/exclude'), 'src/\n');
      },
    ],
    [
      'info/attributes',
      () => {
        fs.writeFileSync(path.join(fixtureRepo.top, '.git/info/attributes'), '* filter=x\n');
      },
    ],
  ])('changes .git/%s; it stays, and the person is asked to read it', async (file, violation) => {
    for (const folder of ['hooks', 'info'])
      fs.mkdirSync(path.join(fixtureRepo.top, '.git', folder), { recursive: true });
    expect(await loop({}, implementing(violation))).toMatchObject({
      passed: false,
      reason: 'violation',
      message: `own or somebody else changed .git/${file} meanwhile; read it before you continue.`,
    });
  });

  inDepth('fills the disk: the loop says so, and goes on once there is room', async () => {
    const before = kept();
    // 600 blocks are 307,200 or 614,400 bytes, depending on the shell.
    const ran = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -f 600; exec "$@"',
        'sh',
        process.execPath,
        bundled('crash'),
        JSON.stringify(fixtureRepo),
        bundledSupervisor(),
        'with an answer that finds no room',
      ],
      { encoding: 'utf8', timeout: 100_000 },
    );
    expect(ran.status, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      passed: false,
      reason: 'agent_failed',
      message: expect.stringMatching(/no space/u) as string,
    });
    expect(kept()).toEqual(before);
    expect(await inspectLock(fixtureRepo.paths.root)).toMatchObject({ kind: 'free' });
    expect(fs.readdirSync(fixtureRepo.paths.staging)).toEqual([]);
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
  });

  inDepth.each([
    [
      'replaces active.lock',
      () => {
        fs.rmSync(fixtureRepo.paths.activeLock);
        fs.writeFileSync(fixtureRepo.paths.activeLock, 'mine');
      },
    ],
    [
      'removes the claims',
      () => {
        fs.rmSync(fixtureRepo.paths.lockDir, { recursive: true });
      },
    ],
  ])('%s', async (_, violation) => {
    const before = kept();
    const result = await loop({}, implementing(violation));
    expect(result).toMatchObject({ passed: false, reason: 'lock_lost' });
    expect(result.message).toMatch(/^The run lock was removed or replaced by another program;/u);
    expect(kept()).toEqual(before);
    fs.rmSync(fixtureRepo.paths.activeLock, { force: true });
    expect(
      await loop(
        { resume: true },
        implementing(() => undefined),
      ),
    ).toMatchObject({ passed: true });
  });

  inDepth(
    'writes into active.lock, which does no harm: the lock goes by its file, and writes its record again',
    async () => {
      expect(
        await loop(
          {},
          implementing(() => {
            fs.writeFileSync(fixtureRepo.paths.activeLock, 'mine');
          }),
        ),
      ).toMatchObject({ passed: true });
      expect(await inspectLock(fixtureRepo.paths.root)).toMatchObject({ kind: 'free' });
    },
  );

  everyTime('forges what only Weld writes; what it made of it is kept', async () => {
    const record = fs.readFileSync(stepFile('step.json'), 'utf8');
    const result = await loop(
      {},
      implementing(() => {
        fs.writeFileSync(stepFile('completed'), 'iteration 1\n');
        fs.writeFileSync(stepFile('step.json'), record.replace('It refuses texts', 'It refuses nothing'));
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'violation' });
    expect(fs.existsSync(stepFile('completed'))).toBe(false);
    expect(fs.readFileSync(stepFile('step.json'), 'utf8')).toBe(record);
    expect(await tampered(`runs/${fixtureRepo.run}/steps/01-add-the-numbers/step.json`)).toContain(
      'It refuses nothing',
    );
    await resumed();
  });

  inDepth('leads a folder of the run elsewhere; nothing is written there', async () => {
    const elsewhere = path.join(fixtureRepo.home, 'elsewhere');
    fs.mkdirSync(elsewhere);
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        fs.rmSync(stepFile(), { recursive: true });
        fs.symlinkSync(elsewhere, stepFile());
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'violation' });
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(kept()).toEqual(before);
    await resumed();
  });

  everyTime(
    'changes the checks in config.toml: it is named, stays as it is, and counts for the next operation only',
    async () => {
      const emptied = fs.readFileSync(fixtureRepo.paths.config, 'utf8').replace(/^test = .*$/mu, '');
      expect(
        await loop(
          {},
          implementing(() => {
            fs.writeFileSync(fixtureRepo.paths.config, emptied);
          }),
        ),
      ).toMatchObject({ passed: true, iterations: 1 });
      expect([fs.readFileSync(fixtureRepo.paths.config, 'utf8'), lines(fixtureRepo.checked)]).toEqual([
        emptied,
        ['test'],
      ]);
      expect(fs.readFileSync(stepFile('iter', '01', 'status.json'), 'utf8')).toContain(
        'While own worked, .weld/config.toml changed; check it before the next operation uses it.',
      );
    },
  );

  everyTime('commits by itself; the commit stays, and the sentence says how to take it back', async () => {
    const head = await git(fixtureRepo.top, 'rev-parse', 'HEAD');
    const result = await loop(
      {},
      implementing(() => {
        execFileSync('git', ['add', 'src'], { cwd: fixtureRepo.top });
        execFileSync('git', ['commit', '-qm', 'done by me'], { cwd: fixtureRepo.top });
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'violation' });
    expect(result.message).toContain(`git reset --soft ${head.slice(0, 10)}`);
    expect(await git(fixtureRepo.top, 'log', '-1', '--format=%s')).toBe('done by me');
    await resumed();
  });

  inDepth('leaves the branch where it is; the sentence names the places, not one commit twice', async () => {
    const head = await git(fixtureRepo.top, 'rev-parse', 'HEAD');
    const result = await loop(
      {},
      implementing(() => {
        execFileSync('git', ['checkout', '-q', '--detach'], { cwd: fixtureRepo.top });
      }),
    );
    expect(result.message).toContain(
      `HEAD was on main and is on ${head.slice(0, 10)} without a branch since own worked`,
    );
    expect(result.message).toContain('git checkout main');
    await git(fixtureRepo.top, 'checkout', '-q', 'main');
    await resumed();
  });

  inDepth('makes the first commit by itself; the sentence names no commit to go back to', async () => {
    await git(fixtureRepo.top, 'update-ref', '-d', 'HEAD');
    const result = await loop(
      {},
      implementing(() => {
        execFileSync('git', ['commit', '-qm', 'done by me'], { cwd: fixtureRepo.top });
      }),
    );
    expect(result).toMatchObject({
      passed: false,
      reason: 'violation',
      message: expect.stringMatching(
        /^HEAD moved from no commit to [0-9a-f]{10} on main while own worked; look at it with git log, then continue\.$/u,
      ) as string,
    });
    await resumed();
  });

  inDepth('ruins the repository', async () => {
    const before = kept();
    const result = await loop(
      {},
      implementing(() => {
        fs.renameSync(path.join(fixtureRepo.top, '.git'), path.join(fixtureRepo.home, 'git'));
      }),
    );
    expect(result).toMatchObject({ passed: false, reason: 'agent_failed' });
    expect(kept()).toEqual(before);
    fs.renameSync(path.join(fixtureRepo.home, 'git'), path.join(fixtureRepo.top, '.git'));
    expect(
      await loop(
        { resume: true },
        implementing(() => undefined),
      ),
    ).toMatchObject({ passed: true });
  });

  everyTime('reviews, and calls the step done; the gate stays shut', async () => {
    const pass = also(() => {
      fs.writeFileSync(stepFile('completed'), 'iteration 1\n');
    }, verdict(true));
    expect(await loop({}, { agents: { implementation_review: pass } })).toMatchObject({
      passed: false,
      reason: 'violation',
    });
    expect(fs.existsSync(stepFile('completed'))).toBe(false);
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({
      passed: false,
      reason: 'max_iterations',
      message: expect.stringContaining('reviewer') as string,
    });
  });
});

describe('while an agent is at work', () => {
  everyTime('a person may change plan and prompts, and another window may start a run', async () => {
    const plan = fixtureRepo.paths.run(fixtureRepo.run).planRaw;
    execFileSync('git', ['branch', '-q', 'topic'], { cwd: fixtureRepo.top });
    const other = inWeld('runs', '20260106-120000-other', 'meta.json');
    expect(
      await loop(
        {},
        implementing(() => {
          fs.appendFileSync(plan, '\nA thought.\n');
          fs.appendFileSync(stepFile('prompt', 'impl.prompt.md'), '\nA thought.\n');
          execFileSync('git', ['config', 'branch.topic.note', 'as editors do'], { cwd: fixtureRepo.top });
          fs.mkdirSync(path.dirname(other));
          fs.writeFileSync(other, '{}');
        }),
      ),
    ).toMatchObject({ passed: true });
    expect(fs.readFileSync(plan, 'utf8')).toContain('A thought.');
    expect(fs.existsSync(other)).toBe(true);
  });

  everyTime('a zero byte in code is told: the patch shows no word of such a file', async () => {
    expect(
      await loop(
        {},
        implementing(() => {
          fs.writeFileSync(
            path.join(fixtureRepo.top, 'src', 'add.mjs'),
            '// \0\nexport const add = (a, b) => a + b;\n',
          );
        }),
      ),
    ).toMatchObject({ passed: true });
    expect(fs.readFileSync(stepFile('iter', '01', 'status.json'), 'utf8')).toContain(
      'The patch shows no text of files that git treats as binary: src/add.mjs.',
    );
    expect(fs.readFileSync(stepFile('iter', '01', 'review.prompt.md'), 'utf8')).toContain('## Not shown as text');
  });

  inDepth('an agent that reviews a plan may not edit, and its answer is not taken', async () => {
    const answer = operate(
      fixtureRepo,
      project,
      (op) =>
        askInRun(op, { run: fixtureRepo.run, task: 'plan_review', prompt: 'Review.', attempt: 1, what: 'plan review' }),
      { agents: { plan_review: also(() => undefined) } },
    );
    await expect(answer).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message:
        'Files changed while own, which may only read, was at work (src/add.mjs), so its plan review was not ' +
        'used; check them, then try again.',
    });
  });

  inDepth('an agent that plans may not remove runs either', async () => {
    const before = kept();
    const answer = operate(
      fixtureRepo,
      project,
      (op) =>
        askInRun(op, { run: fixtureRepo.run, task: 'plan_generation', prompt: 'Plan.', attempt: 1, what: 'plan' }),
      {
        agents: {
          plan_generation: also(() => {
            fs.rmSync(inWeld('runs'), { recursive: true });
          }),
        },
      },
    );
    await expect(answer).rejects.toMatchObject({
      code: 'VIOLATION',
      message: expect.stringContaining('they were put back') as string,
    });
    expect(kept()).toEqual(before);
  });
});
