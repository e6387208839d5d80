import { createHash } from 'node:crypto';
import { IterationPaths, type StepPaths } from '../../artifacts/paths';
import type { RunId } from '../../artifacts/runIds';
import {
  type CheckResult,
  type ChecksSummary,
  ChecksSummarySchema,
  type ConditionWaiver,
  StepProgressSchema,
} from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import { checkCommands, runChecks } from '../../checks';
import type { Oid } from '../../git/git';
import type { Project } from '../../project';
import { listed } from '../../util/text';
import { stepFolders } from '../resolveStep';
import { RunSeals } from '../seals/stepSeals';
import { iterationsOnDisk } from '../stepProgress';
import { alive, type Iteration } from '../work';
import { CHECKS, earlierWaivers } from './judgeCondition';

/**
 * Runs the checks before the first agent of a step, if config.toml requires this and their result for this tree is not
 * known yet. They run in the work tree. Files that they change stay changed, as after any check; a notice names them.
 */
export async function runBaseline(it: Iteration): Promise<void> {
  const { work } = it;
  const { op, step, config, signal } = work;
  if (!config.gate.baseline || checkCommands(config).length === 0 || it.n !== 1) return;
  const { tree } = await op.project.git.captureTree(op.lock, { signal });
  if (tree !== step.base || (await baselineOf(op.project, step.run, tree))) return;
  alive(work);
  const title = `${work.title(it.n)}: before the first agent`;
  await runChecks(
    {
      project: op.project,
      lock: op.lock,
      signal,
      report: ({ message, ...rest }) => {
        op.report({ message: `${title}: ${message}`, ...rest });
      },
    },
    config,
    placeOf(op.project, step.run, tree),
  );
  work.wrote = true;
  const after = await op.project.git.captureTree(op.lock, { signal });
  if (after.tree === tree) return;
  const changed = (await op.project.git.changedFiles(tree, after.tree)).map(({ path }) => path);
  it.progress = {
    ...it.progress,
    notices: [
      ...it.progress.notices,
      `The checks changed ${listed(changed)} before the first agent began; that counts as the step's.`,
    ],
  };
}

/**
 * Returns the checks' results for a tree if this run knows them: from before a step, or from an iteration that ended
 * with that tree. They are for information only and decide nothing.
 */
export async function baselineOf(project: Project, run: RunId, tree: Oid): Promise<ChecksSummary | null> {
  const own = await readRecord(placeOf(project, run, tree).checksSummary, ChecksSummarySchema).catch(() => null);
  if (own) return own;
  const paths = project.paths.run(run);
  for (const key of await stepFolders(paths)) {
    const found = await leftBy(paths.step(key), tree);
    if (found) return found;
  }
  return null;
}

async function leftBy(paths: StepPaths, tree: Oid): Promise<ChecksSummary | null> {
  for (const n of (await iterationsOnDisk(paths)).reverse()) {
    const iteration = paths.iteration(n);
    const progress = await readRecord(iteration.progress, StepProgressSchema).catch(() => null);
    if (progress?.checked_tree !== tree) continue;
    const summary = await readRecord(iteration.checksSummary, ChecksSummarySchema).catch(() => null);
    if (summary) return summary;
  }
  return null;
}

/** Lists the categories that failed. */
export const failingIn = (checks: ChecksSummary | null): readonly string[] =>
  Object.entries(checks?.categories ?? {})
    .filter(([, result]) => !result.passed)
    .map(([category]) => category);

/** Lists those of the given categories that already failed on the step's base. */
export async function failedBefore(
  project: Project,
  run: RunId,
  base: Oid,
  failing: readonly string[],
): Promise<readonly string[]> {
  if (failing.length === 0) return [];
  const before = await baselineOf(project, run, base);
  return failing.filter(
    (category) =>
      before !== null && Object.hasOwn(before.categories, category) && before.categories[category]?.passed === false,
  );
}

const placeOf = (project: Project, run: RunId, tree: Oid): IterationPaths =>
  new IterationPaths(project.paths.run(run).baseline(tree));

/**
 * Identifies a check's failure by its category, exit code and output. Returns null if the output was not kept
 * completely, because then failures cannot be compared.
 */
export function failureKey(result: CheckResult): string | null {
  if (result.signature === undefined) return null;
  return createHash('sha256')
    .update([result.category, result.exit_code, result.signature].join('\0'))
    .digest('hex')
    .slice(0, 12);
}

/** Lists the check failures that a person accepted as known in any step of the run. Only sealed records count. */
export async function knownFailures(project: Project, run: RunId): Promise<readonly ConditionWaiver[]> {
  const seals = await RunSeals.read(project, run);
  const found: ConditionWaiver[] = [];
  for (const key of seals.keys)
    found.push(...(await earlierWaivers({ paths: project.paths.run(run).step(key), seals: seals.of(key) })));
  return found.filter(({ condition }) => condition === CHECKS);
}
