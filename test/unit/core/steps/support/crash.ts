// Runs the loop of a fixture and kills itself when a phase begins: `crash <fixture as JSON> <supervisor> <phase>
// <resume>`;
// with a phase that begins with `after` an agent does something first.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AgentResult } from '../../../../../src/core/agents/agent';
import { WeldPaths } from '../../../../../src/core/artifacts/paths';
import { runLoop } from '../../../../../src/core/steps/runLoop';
import type { FixtureRepo } from './fixtureRepo';
import { operate } from './operate';
import { onPhase } from './phases';
import { openFixtureRepo } from './project';

async function main(): Promise<void> {
  const [given, supervisor, phase, resume] = process.argv.slice(2);
  if (given === undefined || supervisor === undefined || phase === undefined)
    throw new Error('a fixtureRepo, a supervisor and a phase are needed');
  const plain = JSON.parse(given) as FixtureRepo;
  const fixtureRepo: FixtureRepo = { ...plain, paths: new WeldPaths(plain.top) };
  const project = await openFixtureRepo(fixtureRepo, supervisor);
  const report = onPhase((begun) => {
    if (begun === phase) process.kill(process.pid, 'SIGKILL');
  });
  const result = await operate(
    fixtureRepo,
    project,
    (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume: resume === 'resume' }),
    {
      report,
      agents: {
        ...(phase === 'after removing the run' && {
          implementation: dyingAfter(() => {
            fs.rmSync(fixtureRepo.paths.run(fixtureRepo.run).root, { recursive: true });
          }),
        }),
        ...(phase === 'with an answer that finds no room' && { implementation: longAnswer(fixtureRepo) }),
        ...(phase === 'after editing in the review' && {
          implementation_review: dyingAfter(() => {
            fs.writeFileSync(path.join(fixtureRepo.top, 'sneaky.txt'), 'x');
          }),
        }),
      },
    },
  );
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function dyingAfter(what: () => void): () => Promise<never> {
  return () => {
    what();
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
}

function longAnswer(fixtureRepo: FixtureRepo): () => Promise<AgentResult> {
  // Turns the signal of a file-size limit into an error of the write, as on a full disk.
  process.on('SIGXFSZ', () => undefined);
  return () => {
    fs.writeFileSync(path.join(fixtureRepo.top, 'done.txt'), 'x');
    return Promise.resolve({ ok: true, text: 'x'.repeat(700_000), usage: { durationMs: 1 } });
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
