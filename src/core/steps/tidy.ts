import * as path from 'node:path';
import { moveAside } from '../artifacts/store';
import { baseRef, type Oid } from '../git/git';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import type { SelectedStep } from './resolveStep';
import { recordDigest } from './seals/stepSeals';
import { listSteps } from './state/read';
import { foreignIterations, iterationNumbers } from './stepProgress';

/**
 * Restores a step's refs and base to what this Weld sealed, before other work begins.
 * @returns the step to work on. If another step passed after this one was selected, this one begins with the other's
 * tree.
 * @throws WeldError `VIOLATION` if somebody changed the step's record, by which its work is judged
 */
export async function tidy(op: Operation, step: SelectedStep): Promise<Tidied> {
  const { seals } = step;
  if (seals.record !== null && seals.record !== recordDigest(step.record))
    throw new WeldError(
      'VIOLATION',
      `${step.paths.record} is not as Weld wrote it; read it, and take the step over from the plan with Amend.`,
    );
  const found = await putRefsBack(op, [[baseRef(step.run, step.key), step.base]]);
  const now = op.project.now().toISOString();
  if (seals.base === null || seals.record === null) await seals.begin(op.lock, step.base, step.record, now);
  const overtaking = await passedSinceSelected(op, step);
  if (!overtaking) return { step, found };
  await op.project.git.writeRef(op.lock, baseRef(step.run, step.key), overtaking.tree, 'replace');
  await seals.begin(op.lock, overtaking.tree, step.record, now);
  found.push(
    `Step ${overtaking.n} passed after step ${step.n} was selected, so that the changes of step ${step.n} are ` +
      'counted from there.',
  );
  return { step: { ...step, base: overtaking.tree }, found };
}

export interface Tidied {
  /** With the base from which to work. */
  readonly step: SelectedStep;
  /** What was found and corrected, as sentences. */
  readonly found: string[];
}

/**
 * The step of the run that passed last after this one was selected, while this one has no iteration. Without it, the
 * other step's changes would count as this one's.
 */
async function passedSinceSelected(
  op: Operation,
  step: SelectedStep,
): Promise<{ readonly n: number; readonly tree: Oid } | null> {
  const since = step.seals.selectedAt;
  if (since === null || (await iterationNumbers(step)).length > 0) return null;
  const passed = (await listSteps(op.project, step.run)).flatMap(({ n, key, state, iterations }) => {
    const latest = iterations.at(-1);
    const counts = key !== step.key && (state === 'passed' || state === 'committed') && latest?.state === 'passed';
    return counts && latest.tree !== null && latest.updatedAt !== null && latest.updatedAt > since
      ? [{ n, tree: latest.tree, at: latest.updatedAt }]
      : [];
  });
  const last = passed.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  return last && last.tree !== step.base ? last : null;
}

/**
 * Puts back refs that somebody moved or removed.
 * @param refs names, each with the object that it must point to
 * @returns a sentence for each ref that was put back
 */
export async function putRefsBack(op: Operation, refs: readonly (readonly [string, Oid])[]): Promise<string[]> {
  const { git } = op.project;
  const found: string[] = [];
  const { refs: held } = await git.headAndRefs();
  for (const [name, oid] of refs) {
    if (held.get(name) === oid) continue;
    await git.writeRef(op.lock, name, oid, 'replace');
    found.push(`${name} had been moved or removed; it was put back.`);
  }
  return found;
}

/**
 * Moves iterations aside that this Weld did not make and no person accepted. They are kept in the folder `aside` of the
 * step.
 * @returns a sentence for each
 */
export async function moveForeignAside(op: Operation, step: SelectedStep): Promise<string[]> {
  const found: string[] = [];
  for (const n of await foreignIterations(step)) {
    const from = step.paths.iteration(n).root;
    const to = path.join(step.paths.root, 'aside', `${path.basename(from)}-${op.project.now().getTime()}`);
    await moveAside(op.lock, from, to);
    found.push(
      `Iteration ${n} was not made by this Weld and does not count; it is kept in ${op.project.paths.relative(to)}.`,
    );
  }
  for (const sentence of found) op.project.log.warn(`step ${step.n}: ${sentence}`);
  return found;
}
