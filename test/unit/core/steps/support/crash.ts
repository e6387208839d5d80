// Runs the loop of a site and kills itself when a phase begins: `crash <site as JSON> <supervisor> <phase> <resume>`;
// with a phase that begins with `after` an agent does something first.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AgentResult } from '../../../../../src/core/agents/agent';
import { WeldPaths } from '../../../../../src/core/artifacts/paths';
import { runLoop } from '../../../../../src/core/steps/runLoop';
import { operate } from './operate';
import { onPhase } from './phases';
import { openSite } from './project';
import type { Site } from './site';

async function main(): Promise<void> {
  const [given, supervisor, phase, resume] = process.argv.slice(2);
  if (given === undefined || supervisor === undefined || phase === undefined)
    throw new Error('a site, a supervisor and a phase are needed');
  const plain = JSON.parse(given) as Site;
  const site: Site = { ...plain, paths: new WeldPaths(plain.top) };
  const project = await openSite(site, supervisor);
  const report = onPhase((begun) => {
    if (begun === phase) process.kill(process.pid, 'SIGKILL');
  });
  const result = await operate(
    site,
    project,
    (op) => runLoop(op, { run: site.run, step: 1, resume: resume === 'resume' }),
    {
      report,
      agents: {
        ...(phase === 'after removing the run' && {
          implementation: dyingAfter(() => {
            fs.rmSync(site.paths.run(site.run).root, { recursive: true });
          }),
        }),
        ...(phase === 'with an answer that finds no room' && { implementation: longAnswer(site) }),
        ...(phase === 'after editing in the review' && {
          implementation_review: dyingAfter(() => {
            fs.writeFileSync(path.join(site.top, 'sneaky.txt'), 'x');
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

function longAnswer(site: Site): () => Promise<AgentResult> {
  // What a file-size limit would end the process with becomes an error of the write, as on a full disk.
  process.on('SIGXFSZ', () => undefined);
  return () => {
    fs.writeFileSync(path.join(site.top, 'done.txt'), 'x');
    return Promise.resolve({ ok: true, text: 'x'.repeat(700_000), usage: { durationMs: 1 } });
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
