/**
 * Measures in a process of its own: `measure <programs|large|small> <folder> <supervisor>`. Prints the median of each
 * quantity as JSON.
 */
import { preventionFor } from '../../src/core/guard';
import { acquireRunLock } from '../../src/core/lock';
import { openProject } from '../../src/core/openProject';
import type { Project } from '../../src/core/project';
import { init } from '../../src/core/runs/start';
import { silentLogger } from '../../src/core/util/logger';
import { storage } from '../support/storage';
import { bareLook, timed } from './iteration.bare';
import { begin, iterations, middle, SAMPLES } from './iteration.loop';
import { streaming, supervising } from './iteration.programs';
import { addRuns, bareGit, LARGE, makeRepository, RUNS } from './iteration.repository';
import { small } from './iteration.small';
import { median } from './median';

const verbose = process.env['WELD_BENCH_VERBOSE'] !== undefined;

/**
 * Durations of unchanged reads, in ms: of the work tree and of all runs, each with the least command that tells the
 * same.
 */
async function looks(project: Project): Promise<Record<'capture' | 'status' | 'look' | 'find', number>> {
  const seen: Record<'capture' | 'status' | 'look' | 'find', number[]> = {
    capture: [],
    status: [],
    look: [],
    find: [],
  };
  await using lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  await project.git.captureTree(lock);
  const kept = await project.git.keepWeld(lock);
  for (let i = 0; i < SAMPLES; i++) {
    seen.status.push(timed(() => bareGit(project.top, ['status', '--porcelain'])));
    let begun = performance.now();
    await project.git.captureTree(lock);
    seen.capture.push(performance.now() - begun);
    seen.find.push(bareLook(project.paths.root) ?? Number.NaN);
    begun = performance.now();
    await project.git.weldSince(lock, kept);
    seen.look.push(performance.now() - begun);
  }
  return {
    capture: median(seen.capture),
    status: median(seen.status),
    look: median(seen.look),
    find: median(seen.find),
  };
}

async function main(): Promise<void> {
  const [what, top = '', supervisorPath = ''] = process.argv.slice(2);
  const open = (each: (line: string) => void = () => undefined): Promise<Project> => {
    const info = (line: string): void => {
      each(line);
      if (verbose) process.stderr.write(`${Math.round(performance.now())} ${line.slice(0, 90)} … ${line.slice(-20)}\n`);
    };
    return openProject(top, { log: { ...silentLogger, info }, supervisorPath, storage });
  };
  if (what === 'programs') {
    bareGit(top, ['init', '-q']);
    const project = await open();
    await init(project);
    process.stdout.write(JSON.stringify({ memory: await streaming(project), supervisor: await supervising(project) }));
    return;
  }
  if (what === 'small') {
    process.stdout.write(JSON.stringify(await small(top, open)));
    return;
  }
  makeRepository(top, LARGE);
  const shut = await open();
  const run = await begin(shut);
  const prevention = await preventionFor(shut);
  const prevents = prevention.ok && prevention.nests;

  const noticed = await iterations({ ...shut, guarding: 'notice' }, run, LARGE, 'noticed');
  const prevented = prevents ? await iterations(shut, run, LARGE, 'prevented') : null;
  addRuns(top, run, shut.paths, RUNS);
  const beside = prevents ? await iterations(shut, run, LARGE, 'prevented') : null;
  if (verbose) process.stderr.write(`${JSON.stringify({ noticed, prevented, beside })}\n`);
  process.stdout.write(
    JSON.stringify({
      noticed: middle(noticed),
      prevented: prevented && middle(prevented),
      beside: beside && middle(beside),
      ...(await looks(shut)),
    }),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
