import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentResult } from '../../../../src/core/agents/agent';
import type { Project } from '../../../../src/core/project';
import type { LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from '../steps/support/answers';
import { createFixtureRepo, type FixtureRepo, removeFixtureRepo, stateOf } from '../steps/support/fixtureRepo';
import { type OperateOptions, operate, select } from '../steps/support/operate';
import { openFixtureRepo } from '../steps/support/project';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Longer than any test waits, in s: a process that ends earlier was killed. */
const STUCK = 50;

let fixtureRepo: FixtureRepo;
let project: Project;
let stuck: string;
const PATH = process.env['PATH'] ?? '';
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION);
  const bin = path.join(fixtureRepo.home, 'bin');
  stuck = path.join(fixtureRepo.home, 'stuck');
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  fs.mkdirSync(bin);
  fs.writeFileSync(
    path.join(bin, 'git'),
    `#!/bin/sh\n[ -e '${stuck}' ] && case " $* " in *" $(cat '${stuck}') "*) exec sleep ${STUCK};; esac\nexec ` +
      `'${real}' "$@"\n`,
    { mode: 0o755 },
  );
  process.env['PATH'] = `${bin}${path.delimiter}${PATH}`;
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
});
afterEach(() => {
  process.env['PATH'] = PATH;
  removeFixtureRepo(fixtureRepo);
});

const loop = (options: OperateOptions, resume = false): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume }), options);

/** Makes one of git's commands take forever, and stops the loop. @returns the time until the loop ends, in ms */
async function stop(command: string, abort: AbortController, ended: Promise<unknown>): Promise<number> {
  fs.writeFileSync(stuck, command);
  const from = performance.now();
  abort.abort();
  await ended;
  return performance.now() - from;
}

test.each(['diff-tree', 'cat-file'])(
  'behind a guest that removed the runs Stop does not wait for a git %s that hangs, and loses nothing',
  async (command) => {
    const abort = new AbortController();
    let working: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      working = resolve;
    });
    const before = stateOf(fixtureRepo);
    const implementation = async ({ signal }: { readonly signal: AbortSignal }): Promise<AgentResult> => {
      fs.rmSync(fixtureRepo.paths.runs, { recursive: true });
      working();
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
      return { ok: false, failure: 'cancelled', message: 'stopped', usage: { durationMs: 1 } };
    };
    const ended = loop({ signal: abort.signal, agents: { implementation } });
    await begun;
    const tookMs = await stop(command, abort, ended);
    console.log(`${command}: ended ${Math.round(tookMs)} ms after Stop`);
    expect(await ended).toMatchObject({ reason: 'cancelled' });
    expect(tookMs).toBeLessThan((STUCK * 1000) / 2);
    fs.rmSync(stuck);
    expect(await loop({}, true)).toMatchObject({ passed: true });
    expect(stateOf(fixtureRepo)).toMatchObject(
      Object.fromEntries(Object.entries(before).filter(([name]) => /plan|step\.json/u.test(name))),
    );
  },
);
