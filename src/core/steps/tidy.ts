import * as path from 'node:path';
import { moveAside } from '../artifacts/store';
import { baseRef, type Oid } from '../git/types';
import type { Operation } from '../project';
import { strangers } from './progress';
import type { SelectedStep } from './resolve';
import { recordDigest } from './seals/stepSeals';
import { WeldError } from '../errors';

/**
 * Makes the ground of a step what this Weld knows it to be, before anything is done there.
 * @returns what was found, as sentences
 * @throws WeldError `VIOLATION` when somebody has rewritten the step's record: it says what is judged
 */
export async function tidy(op: Operation, step: SelectedStep): Promise<string[]> {
  const { seals } = step;
  if (seals.record !== null && seals.record !== recordDigest(step.record))
    throw new WeldError('VIOLATION', `${step.paths.record} is not as Weld wrote it; read it, and take the step over from the plan with Amend.`);
  const found = await putRefsBack(op, [[baseRef(step.run, step.key), step.base]]);
  if (seals.base === null || seals.record === null) await seals.begin(op.lock, step.base, step.record);
  return found;
}

/** @param refs what each has to hold @returns a sentence for each that held something else */
export async function putRefsBack(op: Operation, refs: readonly (readonly [string, Oid])[]): Promise<string[]> {
  const { git } = op.project;
  const found: string[] = [];
  const held = new Map((await git.headAndRefs()).refs.map(({ name, oid }) => [name, oid]));
  for (const [name, oid] of refs) {
    if (held.get(name) === oid) continue;
    await git.writeRef(op.lock, name, oid, 'replace');
    found.push(`${name} had been moved or removed; it was put back.`);
  }
  return found;
}

/**
 * Moves iterations away that this Weld neither made nor was told to accept; they are kept beside the others.
 * @returns a sentence for each
 */
export async function setStrangersAside(op: Operation, step: SelectedStep): Promise<string[]> {
  const found: string[] = [];
  for (const n of await strangers(step)) {
    const from = step.paths.iteration(n).root;
    const to = path.join(step.paths.root, 'aside', `${path.basename(from)}-${op.project.now().getTime()}`);
    await moveAside(op.lock, from, to);
    found.push(`Iteration ${n} was not made by this Weld and does not count; it is kept in ${op.project.paths.relative(to)}.`);
  }
  for (const sentence of found) op.project.log.warn(`step ${step.n}: ${sentence}`);
  return found;
}
