import { PHASES } from '../artifacts/schemas';
import { WeldError } from '../errors';
import { namesOf } from '../git/types';
import type { Operation } from '../project';
import { begin, openRequested } from './requested';
import { runPhases } from './run';
import type { IterationRequest, SnapshotResult } from './types';
import { save } from './work';

/**
 * *Run Checks*: captures the work tree as it is and runs the checks, in the open iteration or a new one; whoever made
 * the changes, no agent is asked.
 */
export async function snapshot(op: Operation, request: IterationRequest): Promise<SnapshotResult> {
  const it = await openRequested(op, request);
  await begin(it);
  // Asked for now: what an earlier check of this iteration found does not count any more.
  await save(it, {
    done: it.progress.done.filter((phase) => PHASES.indexOf(phase) < PHASES.indexOf('diff')),
    review: null,
  });
  await runPhases(it, 'checks');
  const { checks } = it.memory;
  if (!checks) throw new WeldError('INTERNAL', 'The checks ended without a result.');
  return {
    iteration: it.n,
    checks,
    diffEmpty: it.progress.tree === it.work.step.base,
    ...namesOf(it.progress.left_out),
  };
}
