import type { Operation } from '../project';
import { needAgents } from './people';
import { begin, openRequested } from './requested';
import { refresh, runPhases } from './run';
import { asError } from './stop';
import type { IterationRequest, ReviewResult } from './types';

/**
 * Has an iteration reviewed and judged: the open one, or a new one of the work tree as it is. Changes and checks are
 * taken first where they are missing or older than the tree.
 * @throws WeldError `NEEDS_PERSON`, `AGENT_FAILED`
 */
export async function reviewIteration(op: Operation, request: IterationRequest): Promise<ReviewResult> {
  const it = await openRequested(op, request);
  await needAgents(op, ['implementation_review'], it.work.config);
  await begin(it);
  try {
    await refresh(it);
    await runPhases(it, 'verdict');
  } catch (error) {
    throw asError(error);
  }
  return { iteration: it.n, pass: it.status?.pass === true, issues: it.memory.issues?.issues ?? [] };
}
