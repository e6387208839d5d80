// Runs the loop of a site and kills itself when a phase begins: `crash <site as JSON> <supervisor> <phase> <resume>`.
import { runLoop } from '../../../../../src/core/steps/loop';
import { WeldPaths } from '../../../../../src/core/artifacts/paths';
import { operate } from './operate';
import { onPhase } from './phases';
import { openSite } from './project';
import type { Site } from './site';

async function main(): Promise<void> {
  const [given, supervisor, phase, resume] = process.argv.slice(2);
  if (given === undefined || supervisor === undefined || phase === undefined) throw new Error('a site, a supervisor and a phase are needed');
  const plain = JSON.parse(given) as Site;
  const site: Site = { ...plain, paths: new WeldPaths(plain.top) };
  const project = await openSite(site, supervisor);
  const report = onPhase((begun) => { if (begun === phase) process.kill(process.pid, 'SIGKILL'); });
  const result = await operate(site, project, (op) => runLoop(op, { run: site.run, step: 1, resume: resume === 'resume' }), { report });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
