import { PHASES, type Phase } from '../artifacts/schemas';
import { settleAgentFiles } from './agentFiles';
import { Stop } from './loopStop';
import { check } from './phases/checkPhase';
import { capture, implement } from './phases/implement';
import { review } from './phases/reviewPhase';
import { verdict } from './phases/verdict';
import { changedSince } from './reviewBaseline';
import { isDone } from './stepProgress';
import { enter, type Iteration, save } from './work';

const PHASE_HANDLERS: Readonly<Record<Phase, (it: Iteration) => Promise<void>>> = {
  implement,
  diff: capture,
  checks: check,
  review,
  verdict,
};

/**
 * Runs the missing phases of an iteration in order, up to and including `last`. Each is on disk before the next begins.
 * @throws Stop `violation` after a phase whose agent broke its limits: the answer is kept and a person decides
 */
export async function runPhases(it: Iteration, last: Phase): Promise<void> {
  try {
    for (const phase of PHASES.slice(0, PHASES.indexOf(last) + 1)) {
      if (isDone(it.progress, phase)) continue;
      enter(it, phase);
      await PHASE_HANDLERS[phase](it);
      if (it.violation !== null) throw new Stop('violation', it.violation);
    }
  } finally {
    await settleAgentFiles(it);
  }
}

/**
 * Discards what an unfinished iteration knows about the tree if the tree has changed since. The agent's work is not
 * repeated, but evidence about another tree must not count.
 */
export async function refresh(it: Iteration): Promise<void> {
  if (!isDone(it.progress, 'diff')) return;
  const { op, hooks, signal } = it.work;
  await hooks.beforeReadingTree?.();
  const seen = await op.project.git.captureTree(op.lock, { signal });
  const { tree } = seen;
  it.seen = seen;
  const { review } = it.progress;
  // Nobody saw how this reviewer ended, so it may have made any change since it began.
  if (review?.before)
    await save(it, { review: { ...review, changed: await changedSince(it, review.before), before: null } });
  if (tree === it.progress.tree) return;
  await save(it, {
    done: it.progress.done.filter((phase) => phase === 'implement'),
    review: it.progress.review ? { ...it.progress.review, ended: false } : null,
  });
}
