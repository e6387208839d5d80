import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { inspectLock } from '../../../../src/core/lock';
import type { Project } from '../../../../src/core/project';
import type { LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { readStepState } from '../../../../src/core/steps/state/read';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { running } from '../../../support/processes';
import { bundledSupervisor } from '../process/support';
import { TWO_ITERATIONS } from './support/answers';
import { bundled } from './support/bundle';
import {
  createFixtureRepo,
  type FixtureRepo,
  lines,
  logged,
  record,
  removeFixtureRepo,
  stateOf,
} from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { onPhase, PHASES } from './support/phases';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo(TWO_ITERATIONS);
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const CALLS = ['implementation 1', 'implementation_review 1', 'fix_generation 1', 'implementation_review 2'];
const loop = (options: OperateOptions = {}, resume = false): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume }), options);
const refs = (): Promise<string> =>
  git(fixtureRepo.top, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/weld');

/** The calls of agents and checks before a phase of `PHASES` begins. */
function doneBefore(phase: string): { readonly calls: string[]; readonly checked: string[] } {
  const before = PHASES.slice(
    0,
    PHASES.findIndex((each) => each === phase),
  );
  return {
    calls: before.filter((each) => /implement|review|fix/u.test(each)).map((_each, index) => CALLS[index] ?? ''),
    checked: before.filter((each) => each.endsWith('checks')).map(() => 'test'),
  };
}

/** No finished phase was repeated. */
function expectDone(before: { readonly calls: string[]; readonly checked: string[] }, when: string): void {
  expect(
    lines(fixtureRepo.calls).filter((call) => /\d$/u.test(call)),
    when,
  ).toEqual(before.calls);
  expect(lines(fixtureRepo.checked), when).toEqual(before.checked);
}

/** Files of finished iterations are never changed. */
function finishedFiles(state: Record<string, string>, phase: string): Record<string, string> {
  const finished = phase.startsWith('1') ? '' : '/iter/01/';
  return Object.fromEntries(Object.entries(state).filter(([name]) => finished !== '' && name.includes(finished)));
}

async function expectPassedInTheEnd(before: Record<string, string>): Promise<void> {
  expect(await loop({}, true)).toMatchObject({ passed: true, iterations: 2, reason: 'passed' });
  expectDone({ calls: CALLS, checked: ['test', 'test'] }, 'in the end');
  expect(stateOf(fixtureRepo)).toMatchObject(finishedFiles(before, '2'));
  expect(await readStepState(project, fixtureRepo.run, 1)).toMatchObject({
    state: 'passed',
    iterations: [{ state: 'failed' }, { state: 'passed' }],
  });
}

const stateBefore = (phase: string): string => (phase === '2 fix' ? 'failed' : 'in-progress');

describe('a crash', () => {
  inDepth(
    'as each phase begins, one after the other: what is finished stays, only the rest is done',
    async () => {
      let kept: Record<string, string> = {};
      for (const phase of PHASES.slice(1)) {
        const killed = spawnSync(
          process.execPath,
          [bundled('crash'), JSON.stringify(fixtureRepo), bundledSupervisor(), phase, 'resume'],
          { encoding: 'utf8', timeout: 100_000 },
        );
        expect(killed.signal, `${phase}: ${killed.stderr}`).toBe('SIGKILL');
        expectDone(doneBefore(phase), phase);
        expect(await readStepState(project, fixtureRepo.run, 1), phase).toMatchObject({ state: stateBefore(phase) });
        const now = stateOf(fixtureRepo);
        expect(now, phase).toMatchObject(kept);
        kept = finishedFiles(now, phase);
      }
      await expectPassedInTheEnd(stateOf(fixtureRepo));
    },
    180_000,
  );

  inDepth(
    'after the last: it has passed, and a resume does nothing',
    async () => {
      const done = spawnSync(
        process.execPath,
        [bundled('crash'), JSON.stringify(fixtureRepo), bundledSupervisor(), 'never'],
        {
          encoding: 'utf8',
          timeout: 60_000,
        },
      );
      expect(done.status, done.stderr).toBe(0);
      const before = stateOf(fixtureRepo);
      await expectPassedInTheEnd(before);
      expect(stateOf(fixtureRepo)).toEqual(before);
    },
    90_000,
  );
});

describe('a cancel', () => {
  inDepth(
    'as each phase begins, one after the other: the loop ends there, and only the rest is done',
    async () => {
      let kept: Record<string, string> = {};
      for (const phase of PHASES) {
        const abort = new AbortController();
        const stopped = loop(
          {
            signal: abort.signal,
            report: onPhase((begun) => {
              if (begun === phase) abort.abort();
            }),
          },
          true,
        );
        if (phase === PHASES[0]) await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
        else await expect(stopped, phase).resolves.toMatchObject({ reason: 'cancelled' });
        expect(await inspectLock(fixtureRepo.paths.root)).toEqual({ kind: 'free' });
        expectDone(doneBefore(phase), phase);
        if (phase !== PHASES[0])
          expect(await readStepState(project, fixtureRepo.run, 1), phase).toMatchObject({ state: stateBefore(phase) });
        const now = stateOf(fixtureRepo);
        expect(now, phase).toMatchObject(kept);
        kept = finishedFiles(now, phase);
      }
      await expectPassedInTheEnd(stateOf(fixtureRepo));
    },
    180_000,
  );

  inDepth.each(['implementation', 'implementation_review'] as const)(
    'in the middle of %s leaves the phase undone',
    async (task) => {
      record(
        fixtureRepo,
        TWO_ITERATIONS.map((answer) => (answer.task === task ? { ...answer, delay_ms: 60_000 } : answer)),
      );
      const abort = new AbortController();
      const phase = task === 'implementation' ? '1 implement' : '1 review';
      const result = await loop({
        signal: abort.signal,
        report: onPhase((begun) => {
          if (begun === phase)
            setTimeout(() => {
              abort.abort();
            }, 400);
        }),
      });
      expect(result).toMatchObject({ passed: false, reason: 'cancelled', iterations: 1 });
      record(fixtureRepo, TWO_ITERATIONS);
      await expectPassedInTheEnd({});
    },
  );

  inDepth(
    'in the second of two checks, of a loop that was resumed there, returns: the first has left its output',
    async () => {
      const config = fs.readFileSync(fixtureRepo.paths.config, 'utf8');
      const abort = new AbortController();
      expect(
        await loop({
          signal: abort.signal,
          report: onPhase((begun) => {
            if (begun === '1 checks') abort.abort();
          }),
        }),
      ).toMatchObject({ reason: 'cancelled' });
      const slow = path.join(fixtureRepo.home, 'slow.mjs');
      fs.writeFileSync(slow, `setTimeout(() => {}, 60000);`);
      fs.writeFileSync(
        fixtureRepo.paths.config,
        config.replace('[checks]', `[checks]\norder = ["test", "slow"]\nslow = "${process.execPath} ${slow}"`),
      );
      const again = new AbortController();
      const stopped = loop(
        {
          signal: again.signal,
          report: ({ message }) => {
            if (message.endsWith('check slow')) again.abort();
          },
        },
        true,
      );
      await expect(stopped).resolves.toMatchObject({ passed: false, reason: 'cancelled', iterations: 1 });
      expect(
        fs.existsSync(
          path.join(
            fixtureRepo.paths.run(fixtureRepo.run).steps,
            '01-add-the-numbers',
            'iter',
            '01',
            'checks',
            'test.txt',
          ),
        ),
      ).toBe(true);
    },
  );

  everyTime('in the middle of a check ends the check', async () => {
    const pid = path.join(fixtureRepo.home, 'pid');
    const slow = path.join(fixtureRepo.home, 'slow.mjs');
    fs.writeFileSync(
      slow,
      `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setTimeout(() ` +
        '=> {}, 60000);',
    );
    const config = fs.readFileSync(fixtureRepo.paths.config, 'utf8');
    fs.writeFileSync(
      fixtureRepo.paths.config,
      config.replace(logged(fixtureRepo, 'test'), `${process.execPath} ${slow}`),
    );
    const abort = new AbortController();
    const watch = setInterval(() => {
      if (fs.existsSync(pid)) abort.abort();
    }, 20);
    const result = await loop({ signal: abort.signal });
    clearInterval(watch);
    expect(result).toMatchObject({ passed: false, reason: 'cancelled', iterations: 1 });
    expect(running(slow)).toEqual([]); // its own pid is one inside the sandbox
    fs.writeFileSync(fixtureRepo.paths.config, config);
    await expectPassedInTheEnd({});
  });
});

describe('a lock that another process takes over', () => {
  /** Blocks this process until the other one holds the lock. */
  const succeed = (): void => {
    execFileSync(process.execPath, [bundled('successor'), fixtureRepo.paths.root, fixtureRepo.run], { stdio: 'pipe' });
  };
  let seen: { readonly state: Record<string, string>; readonly refs: string } | undefined;
  beforeEach(() => {
    seen = undefined;
  });

  const takenOver = (): void => {
    succeed();
    seen = {
      state: stateOf(fixtureRepo, true),
      refs: execFileSync('git', ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/weld'], {
        cwd: fixtureRepo.top,
        encoding: 'utf8',
      }).trimEnd(),
    };
  };
  const nothingFollowed = async (): Promise<void> => {
    expect(seen).toBeDefined();
    expect(stateOf(fixtureRepo, true)).toEqual(seen?.state);
    expect(await refs()).toBe(seen?.refs);
    expect(await inspectLock(fixtureRepo.paths.root)).toMatchObject({ kind: 'stale' });
  };

  everyTime(
    'as each phase begins, one after the other: nothing is written after that, and a resume goes on',
    async () => {
      for (const phase of PHASES) {
        seen = undefined;
        const lost = loop(
          {
            report: onPhase((begun) => {
              if (begun === phase) takenOver();
            }),
          },
          true,
        );
        if (phase === PHASES[0]) await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' });
        else await expect(lost, phase).resolves.toMatchObject({ reason: 'lock_lost' });
        await nothingFollowed();
        expectDone(doneBefore(phase), phase);
      }
      await expectPassedInTheEnd(stateOf(fixtureRepo));
    },
    180_000,
  );

  inDepth.each([
    ['implementation', '1 implement'],
    ['implementation_review', '1 review'],
    ['fix_generation', '2 fix'],
  ] as const)('in the middle of %s: nothing is written after that', async (task, phase) => {
    let at = '';
    const report = (progress: { message: string; stream?: string }): void => {
      onPhase((begun) => {
        at = begun;
      })(progress);
      if (progress.stream !== undefined && at === phase && !seen) takenOver();
    };
    expect(await loop({ report })).toMatchObject({ passed: false, reason: 'lock_lost', iterations: Number(phase[0]) });
    await nothingFollowed();
    expect(task).toBeTruthy();
  });

  inDepth('in the middle of a check: nothing is written after that', async () => {
    const config = fs.readFileSync(fixtureRepo.paths.config, 'utf8');
    fs.writeFileSync(
      fixtureRepo.paths.config,
      config
        .replace(
          logged(fixtureRepo, 'test'),
          `${process.execPath} ${bundled('successor')} ${fixtureRepo.paths.root} ${fixtureRepo.run}`,
        )
        .replace('[checks]', '[guard]\ntest = "notice"\n[checks]'),
    );
    const result = await loop();
    expect(result).toMatchObject({ passed: false, reason: 'lock_lost', iterations: 1 });
    const iteration = path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'iter', '01');
    expect(fs.readdirSync(iteration).sort()).toEqual(['answer.md', 'diff.patch', 'progress.json', 'timing.json']);
  });
});
