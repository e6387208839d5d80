import * as path from 'node:path';
import type { RunId } from '../artifacts/ids';
import { type SpecRef, SpecRefSchema } from '../artifacts/schemas';
import { readRecord, readText } from '../artifacts/store';
import { WeldError } from '../errors';
import type { Project } from '../project';
import type { RunFacts } from './prompts/facts';
import { readSpec } from './spec';

/** @throws WeldError `SPEC_UNREADABLE` when the run does not say which specification it is for */
export async function readSpecRef(project: Project, runId: RunId): Promise<SpecRef> {
  const file = project.paths.run(runId).specRef;
  const ref = await readRecord(file, SpecRefSchema);
  if (!ref)
    throw new WeldError(
      'SPEC_UNREADABLE',
      `${file} is missing, so the run does not know its specification; restore it or start a new run.`,
    );
  return ref;
}

/** What the run's prompts are made from, as it is now, and the reference that the specification has now. */
export async function runFacts(project: Project, runId: RunId): Promise<RunFacts & { readonly ref: SpecRef }> {
  const old = await readSpecRef(project, runId);
  const [spec, loaded, research] = await Promise.all([
    readSpec(project, old.absolute_path),
    project.config(),
    readText(project.paths.run(runId).researchAnswer),
  ]);
  return {
    projectName: loaded.config.project.name,
    spec: spec.text,
    specName: path.basename(old.absolute_path),
    ref: { ...old, ...spec.ref },
    ...(research !== null && { research }),
  };
}
