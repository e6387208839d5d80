import { type AgentFiles, agentFilesAt } from '../agents/configFiles';
import { StepRecordSchema } from '../artifacts/schemas';
import { AgentFilesSchema } from '../artifacts/sealSchemas';
import { readRecord } from '../artifacts/store';
import { checkCommands } from '../checks';
import type { Config } from '../config/schema';
import type { Operation, Project } from '../project';
import { digestOf } from './memory';
import { planInForce } from './planInForce';
import type { SelectedStep } from './resolveStep';
import { canonical } from './seals/chain';
import { recordDigest } from './seals/stepSeals';

/** What an operation relies on from beginning to end: digests by the name that people know it by. */
export type Opened = ReadonlyMap<string, string>;

export async function openedFiles(project: Project, step: SelectedStep): Promise<Opened> {
  const [config, plan, record] = await Promise.all([
    project
      .config()
      .then(({ hash }) => hash)
      .catch(() => ''),
    planInForce(project, step.run)
      .then((found) => digestOf(found?.text ?? ''))
      .catch(() => ''),
    readRecord(step.paths.record, StepRecordSchema)
      .then((found) => (found ? recordDigest(found) : ''))
      .catch(() => ''),
  ]);
  return new Map([
    [project.paths.relative(project.paths.config), config],
    ['the plan', plan],
    [project.paths.relative(step.paths.record), record],
  ]);
}

/**
 * Compares with the beginning. Changes take effect in the next operation; this one uses what it read.
 * @returns a sentence for each change
 */
export async function changedSinceOpened(project: Project, step: SelectedStep, opened: Opened): Promise<string[]> {
  const now = await openedFiles(project, step);
  return [...opened]
    .filter(([name, digest]) => now.get(name) !== digest)
    .map(([name]) => `${name} was changed during this operation, which used the earlier version.`);
}

/** sha256 of the settings that decide about checks and gate. */
export function gateConfigDigest(config: Config): string {
  return digestOf(
    canonical([checkCommands(config), config.checks.timeout_seconds, config.loop.fail_on_blockers_only, config.gate]),
  );
}

/** The files that configure agents, as an operation trusts them. */
export interface TrustedAgentFiles {
  trusted: AgentFiles;
}

/**
 * Reads the trusted files when the operation begins, before any guest runs. Changes that an earlier guest left are not
 * taken for the person's.
 */
export async function readTrustedAgentFiles({ project }: Operation, step: SelectedStep): Promise<TrustedAgentFiles> {
  // The seal outranks the file, which anybody can write. A step of an earlier Weld has only the file.
  const kept = step.seals.agentFiles ?? (await readRecord(step.paths.agentFiles, AgentFilesSchema).catch(() => null));
  return { trusted: kept && !kept.settled ? new Map(Object.entries(kept.trusted)) : await agentFilesAt(project.top) };
}
