import type { RunId } from '../../artifacts/ids';
import type { ConditionWaiver } from '../../artifacts/schemas';
import type { Project } from '../../project';
import { RunSeals } from '../seals/stepSeals';
import { CHECKS } from './failures';
import { earlierWaivers } from './waivers';

/**
 * The failures of checks that a person accepted as known, in any step of the run; only what this Weld wrote down
 * counts.
 */
export async function knownFailures(project: Project, run: RunId): Promise<readonly ConditionWaiver[]> {
  const seals = await RunSeals.read(project, run);
  const found: ConditionWaiver[] = [];
  for (const key of seals.keys)
    found.push(...(await earlierWaivers({ paths: project.paths.run(run).step(key), seals: seals.of(key) })));
  return found.filter(({ condition }) => condition === CHECKS);
}
