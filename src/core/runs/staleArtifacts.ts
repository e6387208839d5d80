import type { RunId } from '../artifacts/runIds';
import { type Meta, type SpecRef, SpecRefSchema } from '../artifacts/schemas';
import { readText, writeRecord } from '../artifacts/store';
import type { Operation, Project } from '../project';
import { readMeta, updateMeta } from '../runMeta';
import { WeldError } from '../util/errors';
import { currentSpecHash, readSpec, readSpecRef } from './spec';

/** Artifacts that are made from others and become stale when those change. */
export const DERIVED = ['research', 'plan'] as const;
export type Derived = (typeof DERIVED)[number];

/** A stale artifact and the reason. */
export interface Stale {
  readonly artifact: Derived;
  /** The reason, as a sentence. */
  readonly why: string;
}

/** Lists the stale artifacts. A changed specification counts even before a command has recorded the change. */
export async function staleArtifacts(project: Project, runId: RunId, meta: Meta): Promise<readonly Stale[]> {
  const [ref, present] = await Promise.all([
    readSpecRef(project, runId).catch(() => null),
    derivedPresent(project, runId),
  ]);
  const now = ref && (await currentSpecHash(ref));
  const specChanged = ref !== null && now !== null && now !== ref.sha256;
  return present.flatMap((artifact) => {
    if (specChanged) return [{ artifact, why: `The specification has changed since the ${artifact} was created.` }];
    if (meta.stale_artifacts.includes(artifact))
      return [{ artifact, why: `The sources of the ${artifact} have changed.` }];
    return [];
  });
}

/** Records that the person keeps a stale artifact, and why. @throws WeldError `INVALID_ARGUMENT` if it is not stale */
export async function acceptStale(
  op: Operation,
  { runId, artifact, reason }: { readonly runId: RunId; readonly artifact: Derived; readonly reason: string },
): Promise<void> {
  const meta = await readMeta(op.project, runId);
  const stale = await staleArtifacts(op.project, runId, meta);
  if (!stale.some((one) => one.artifact === artifact))
    throw new WeldError('INVALID_ARGUMENT', `The ${artifact} is not stale; there is nothing to accept.`);
  const ref = await readSpecRef(op.project, runId);
  await noteSpec(
    op,
    runId,
    await readSpec(op.project, ref.absolute_path).then(
      (spec) => spec.ref,
      () => ref,
    ),
  );
  await updateMeta(op, runId, `accept stale ${artifact}`, (current) => ({
    stale_artifacts: withoutStale(current, artifact),
    stale_overrides: [
      ...current.stale_overrides,
      { timestamp: op.project.now().toISOString(), artifact, stale_reason: reason },
    ],
  }));
}

/** Records the current specification. If it has changed, marks the artifacts made from the old one as stale. */
export async function noteSpec(op: Operation, runId: RunId, current: SpecRef): Promise<void> {
  const old = await readSpecRef(op.project, runId);
  if (current.sha256 === old.sha256) return;
  await noteStale(op, runId, DERIVED);
  await writeRecord(op.lock, op.project.paths.run(runId).specRef, SpecRefSchema, { ...old, ...current });
}

/** Marks those of the given artifacts that exist as stale. */
export async function noteStale(op: Operation, runId: RunId, artifacts: readonly Derived[]): Promise<void> {
  const present = await derivedPresent(op.project, runId);
  const marked = artifacts.filter((artifact) => present.includes(artifact));
  if (marked.length > 0)
    await updateMeta(op, runId, null, (meta) => ({
      stale_artifacts: [...new Set([...meta.stale_artifacts, ...marked])],
    }));
}

/** Returns the run's stale artifacts without the given one. */
export function withoutStale(meta: Meta, artifact: Derived): string[] {
  return meta.stale_artifacts.filter((one) => one !== artifact);
}

async function derivedPresent(project: Project, runId: RunId): Promise<Derived[]> {
  const run = project.paths.run(runId);
  const [research, final, raw] = await Promise.all(
    [run.researchAnswer, run.planFinal, run.planRaw].map((file) => readText(file).catch(() => '')),
  );
  return [
    ...(research === null ? [] : ['research' as const]),
    ...(final === null && raw === null ? [] : ['plan' as const]),
  ];
}
