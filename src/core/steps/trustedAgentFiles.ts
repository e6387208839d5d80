import { type AgentFiles, agentFilesAt } from '../agents/configFiles';
import { readRecord } from '../artifacts/store';
import type { Operation } from '../project';
import type { SelectedStep } from './resolve';
import { AgentFilesSchema } from './seals/schema';

/** What an operation knows of the files that configure agents. */
export interface TrustedAgentFiles {
  trusted: AgentFiles;
}

/**
 * Looks at the operation's beginning, before any guest: what an earlier guest has left is not taken for the person's.
 */
export async function lookAtAgentFiles({ project }: Operation, step: SelectedStep): Promise<TrustedAgentFiles> {
  // The seal outweighs the file, which anybody can write; a step of an earlier Weld has the file alone.
  const kept = step.seals.agentFiles ?? (await readRecord(step.paths.agentFiles, AgentFilesSchema).catch(() => null));
  return { trusted: kept && !kept.settled ? new Map(Object.entries(kept.trusted)) : await agentFilesAt(project.top) };
}
