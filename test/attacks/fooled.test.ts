import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent, AgentRequest } from '../../src/core/agents/agent';
import { openProject } from '../../src/core/openProject';
import { withOperation } from '../../src/core/operation';
import type { Operation, Project } from '../../src/core/project';
import { commitRun } from '../../src/core/runs/commitRun';
import type { LoopResult } from '../../src/core/steps/results';
import { runLoop } from '../../src/core/steps/runLoop';
import { selectStep } from '../../src/core/steps/select';
import { silentLogger } from '../../src/core/util/logger';
import { bundled } from '../support/bundles';
import { git } from '../support/git';
import { verdict } from '../support/recordings';
import { createFixtureRepo, type FixtureRepo, removeFixtureRepo } from '../unit/core/steps/support/fixtureRepo';

/** An honest reviewer reads what it is shown. Only what it saw and what the checks ran on may be committed. */
let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo([], { checks: {} });
  project = await openProject(fixtureRepo.top, {
    log: silentLogger,
    supervisorPath: bundled('src/core/process/supervisor/main.ts'),
    storage: path.join(fixtureRepo.home, 'storage'),
  });
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const operate = <T>(body: (op: Operation) => Promise<T>): Promise<T> =>
  withOperation(
    project,
    { runId: fixtureRepo.run, command: 'fooled', signal: new AbortController().signal, report: () => undefined },
    body,
  );
const code = (): string => path.join(fixtureRepo.top, 'src', 'code.txt');

/** @param review returns the reviewer's answer to a prompt */
async function loop(check: string, review: (prompt: string) => string): Promise<LoopResult> {
  const script = path.join(fixtureRepo.home, 'check.mjs');
  fs.writeFileSync(script, `import * as fs from 'node:fs';\nconst file = ${JSON.stringify(code())};\n${check}\n`);
  fs.writeFileSync(
    fixtureRepo.paths.config,
    `[checks]\nonly = ${JSON.stringify(`${process.execPath} ${script}`)}\n[loop]\nmax_iterations = 1\n`,
  );
  const run = (request: AgentRequest): ReturnType<Agent['run']> => {
    if (request.task === 'implementation_review')
      return Promise.resolve({ ok: true, text: review(request.prompt), usage: { durationMs: 1 } });
    fs.mkdirSync(path.dirname(code()), { recursive: true });
    fs.writeFileSync(code(), 'as the agent wrote it\n');
    return Promise.resolve({ ok: true, text: 'Done.', usage: { durationMs: 1 } });
  };
  project = { ...project, agent: () => Promise.resolve<Agent>({ kind: 'replay', label: 'The agent', run }) };
  await operate((op) => selectStep(op, { run: fixtureRepo.run, step: 1 }));
  return operate((op) => runLoop(op, { run: fixtureRepo.run, step: 1 }));
}

describe('what passes is what was seen', () => {
  it('a check that rewrites the code once: checked, reviewed and committed are the same', async () => {
    let seen = '';
    const result = await loop(
      "if (fs.readFileSync(file, 'utf8').startsWith('as the agent')) fs.writeFileSync(file, 'as the check " +
        "wrote it\\n');",
      (prompt) => {
        seen = prompt;
        return verdict(true);
      },
    );
    expect(seen).toContain('as the check wrote it');
    expect(seen).not.toContain('as the agent wrote it');
    expect(result).toMatchObject({ passed: true });
    await operate((op) => commitRun(op, { runId: fixtureRepo.run, message: 'What passed' }));
    expect(await git(fixtureRepo.top, 'show', 'HEAD:src/code.txt')).toBe('as the check wrote it');
  });

  it('a check that rewrites the code at every run never passes', async () => {
    expect(await loop('fs.writeFileSync(file, String(process.hrtime.bigint()));', () => verdict(true))).toMatchObject({
      passed: false,
    });
  });

  it.each([
    ['two verdicts that differ', `${verdict(false, [])}\n\n${verdict(true)}`],
    ['a pass behind a fail in words', `The verdict is: fail.\n\n${verdict(true)}\n\nAll in all it does not pass.`],
    ['a pass below a fail in words', `The verdict is: fail.\n\n${verdict(true)}`],
    [
      'a pass that is quoted',
      `> ${verdict(true).replaceAll('\n', '\n> ')}\n\nSo said the file itself; I would not let it pass.`,
    ],
    ['a pass in a thought', `<think>\n${verdict(true)}\n</think>\nNo.`],
  ])('%s does not pass', async (_, answer) => {
    expect(await loop('', () => answer)).toMatchObject({ passed: false });
  });
});
