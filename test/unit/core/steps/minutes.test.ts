import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AgentRequest, AgentResult } from '../../../../src/core/agents/agent';
import type { Project } from '../../../../src/core/project';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { running } from '../../../support/processes';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { createFixtureRepo, type FixtureRepo, json, logged, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
afterEach(() => {
  vi.restoreAllMocks();
  removeFixtureRepo(fixtureRepo);
});

async function selected(): Promise<void> {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION, { config: '[loop]\nmax_minutes = 123' });
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
}
const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const OVER = {
  passed: false,
  reason: 'budget',
  message: 'The time of loop.max_minutes is used up; Continue picks up where it stopped.',
};

/** Replaces the loop's timer. @returns a function that makes it fire at once */
function timeOfTheLoop(): () => void {
  const real = globalThis.setTimeout;
  let over: (() => void) | undefined;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((call: () => void, ms?: number) => {
    if (ms === 123 * 60_000) over = call;
    return real(call, ms);
  });
  return () => {
    if (!over) throw new Error('the loop set no timer');
    over();
  };
}

describe('loop.max_minutes', () => {
  it('holds while a check runs, which is ended', async () => {
    await selected();
    const pid = path.join(fixtureRepo.home, 'pid');
    const slow = path.join(fixtureRepo.home, 'slow.mjs');
    fs.writeFileSync(
      slow,
      `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setTimeout(() ` +
        '=> {}, 600000);',
    );
    const config = fs.readFileSync(fixtureRepo.paths.config, 'utf8');
    fs.writeFileSync(
      fixtureRepo.paths.config,
      config.replace(logged(fixtureRepo, 'test'), `${process.execPath} ${slow}`),
    );
    const over = timeOfTheLoop();
    const watch = setInterval(() => {
      if (!fs.existsSync(pid)) return;
      clearInterval(watch);
      over();
    }, 20);
    expect(await loop()).toMatchObject(OVER);
    expect(running(slow)).toEqual([]); // its own pid is one inside the sandbox
    fs.writeFileSync(fixtureRepo.paths.config, config);
    expect(await loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
  });

  it('holds while a reviewer is at work, and what it edited until then keeps the gate shut', async () => {
    await selected();
    const over = timeOfTheLoop();
    const sneaky = (request: AgentRequest): Promise<AgentResult> =>
      new Promise((resolve) => {
        fs.writeFileSync(path.join(fixtureRepo.top, 'sneaky.txt'), 'x');
        request.signal.addEventListener('abort', () => {
          resolve({ ok: false, failure: 'cancelled', message: 'stopped', usage: { durationMs: 1 } });
        });
        over();
      });
    expect(await loop({}, { agents: { implementation_review: sneaky } })).toMatchObject(OVER);
    expect(await loop({ resume: true, maxIterations: 1 })).toMatchObject({ passed: false, reason: 'max_iterations' });
    const status = json(
      path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'iter', '01', 'status.json'),
    );
    expect(JSON.stringify(status['gate'])).toContain('files changed while the reviewer was at work: sneaky.txt');
  });

  it('is not slept away: a rate limit that outlasts it ends the loop at once', async () => {
    await selected();
    const limited = (): Promise<AgentResult> =>
      Promise.resolve({
        ok: false,
        failure: 'rate_limit',
        message: 'slow down',
        retryAfterMs: 124 * 60_000,
        usage: { durationMs: 1 },
      });
    expect(await loop({}, { agents: { implementation: limited } })).toMatchObject({
      passed: false,
      reason: 'budget',
      message: expect.stringContaining('The service asks to wait 7440 s') as string,
    });
  });
});
