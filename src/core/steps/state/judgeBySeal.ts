import * as path from 'node:path';
import type { StepProgress } from '../../artifacts/schemas';
import type { Acceptance, IterationSeal } from '../../artifacts/sealSchemas';
import { digestFile } from '../memory';
import { canonical } from '../seals/chain';
import { FORMAT, isDone, nextPhase, progressOnDisk, type SealedStep } from '../stepProgress';
import type { IterationState, Judged, UnprovenKind } from './states';

/** The files on which a pass depends, by their names in an iteration. */
export const EVIDENCE_FILES = ['diff.patch', 'checks.summary.json', 'review.md', 'issues.json', 'status.json'] as const;

type Proven = Pick<IterationState, 'state' | 'phase' | 'why' | 'gate' | 'issues' | 'accepted'>;

/**
 * Compares an iteration's files with its seal. A pass counts only if the seal confirms it or a person has accepted
 * these very files. Any other pass gets a state that says why it does not count.
 */
export async function judgeBySeal(
  step: SealedStep,
  n: number,
  progress: StepProgress | null,
  judged: Judged,
): Promise<Proven> {
  const plain: Proven = { ...judged, accepted: null };
  const { seals } = step;
  const seal = seals.whole(n);
  const by = seals.known && seal?.outcome?.pass === true ? seal.progress : null;
  if (judged.state !== 'passed' && !by) return plain;

  const found = await fingerprints(step, n);
  const lost = EVIDENCE_FILES.find((name) => found[name] === undefined);
  if (lost !== undefined && judged.state !== 'unfinished') return damaged(plain, `${fileOf(step, n, lost)} is missing`);
  const accepted = seals.iteration(n)?.accepted;
  if (accepted) return asAccepted(plain, accepted, firstDifference(step, n, found, accepted.digests));
  const contradicted = contradiction(step, n, progress, found);
  if (contradicted !== null) return damaged(plain, `${contradicted} is not as it was written`);
  if (!seals.known) return plain;
  if (!by) return withoutPass(step, n, progress, plain);
  const changed = await changedSinceSealed(step, n, by, found);
  return changed === null
    ? plain
    : unproven(plain, 'changed-since', `${changed} is not as it was written when this iteration passed`);
}

/** An acceptance holds for the files as they were then. */
function asAccepted(plain: Proven, { reason, was, at }: Acceptance, changed: string | null): Proven {
  return changed === null
    ? { ...plain, accepted: { reason, was, at } }
    : unproven(plain, 'changed-since', `${changed} was changed since the pass was accepted`);
}

/** A pass that no seal confirms: says why it does not count. */
function withoutPass({ seals }: SealedStep, n: number, progress: StepProgress | null, plain: Proven): Proven {
  const seal = seals.whole(n);
  if (seal?.progress) return unfinishedOrForged(plain, seal);
  if (seals.iteration(n)?.progress) return unproven(plain, 'changed-since', 'the seal of this iteration is damaged');
  if (progress && progress.format < FORMAT)
    return unproven(plain, 'passed-by-0.1', 'Weld 0.1 passed this iteration and sealed nothing');
  return unproven(plain, 'passed-elsewhere', 'this Weld has not seen how this iteration passed');
}

/** The files say "passed", but this Weld has judged otherwise or has not judged yet. */
function unfinishedOrForged(plain: Proven, { outcome, progress }: IterationSeal): Proven {
  if (!outcome && progress && !isDone(progress, 'verdict'))
    return {
      ...plain,
      state: 'unfinished',
      phase: nextPhase(progress),
      why: 'its status says that it passed, which this Weld has not judged',
    };
  return unproven(plain, 'changed-since', 'its files say that it passed, where this Weld has judged that it did not');
}

function unproven(plain: Proven, state: UnprovenKind, why: string): Proven {
  return { ...plain, state, why: `${why}, so that it does not count until a person accepts it.` };
}

function damaged(plain: Proven, what: string): Proven {
  return {
    ...plain,
    state: 'damaged',
    why: `${what}, so that this iteration does not count as passed; run the step again.`,
  };
}

/**
 * Compares with the digests in the iteration's own progress. They prove nothing, but a file that contradicts them is
 * damaged.
 * @returns the path of that file, or null
 */
function contradiction(step: SealedStep, n: number, progress: StepProgress | null, found: Fingerprints): string | null {
  if (step.seals.known && step.seals.whole(n)?.progress) return null;
  const written = progress?.digests ?? {};
  const changed = EVIDENCE_FILES.find((name) => Object.hasOwn(written, name) && written[name] !== found[name]);
  return changed === undefined ? null : fileOf(step, n, changed);
}

async function changedSinceSealed(
  step: SealedStep,
  n: number,
  by: StepProgress,
  found: Fingerprints,
): Promise<string | null> {
  const changed = firstDifference(step, n, found, by.digests);
  if (changed !== null) return changed;
  const onDisk = await progressOnDisk(step.paths, n);
  return onDisk && canonical(onDisk) === canonical(by) ? null : step.paths.iteration(n).progress;
}

/** @returns the path of the first file that does not match `digests`, or null */
function firstDifference(
  step: SealedStep,
  n: number,
  found: Fingerprints,
  digests: Readonly<Record<string, string>>,
): string | null {
  const changed = EVIDENCE_FILES.find((name) => found[name] !== digests[name]);
  return changed === undefined ? null : fileOf(step, n, changed);
}

/** sha256 of each evidence file, by name; undefined if there is no such file. */
export type Fingerprints = Readonly<Record<string, string | undefined>>;

export async function fingerprints(step: SealedStep, n: number): Promise<Fingerprints> {
  const { root } = step.paths.iteration(n);
  const found = await Promise.all(
    EVIDENCE_FILES.map(async (name) => [name, (await digestFile(path.join(root, name)))?.sha256] as const),
  );
  return Object.fromEntries(found);
}

function fileOf(step: SealedStep, n: number, name: string): string {
  return path.join(step.paths.iteration(n).root, name);
}
