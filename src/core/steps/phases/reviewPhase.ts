import { readText, writeText } from '../../artifacts/store';
import { showBytes } from '../../git/names';
import { reason } from '../../util/errors';
import { ask } from '../ask';
import { earlierIssues } from '../feedback';
import { Stop } from '../loopStop';
import { digestOf } from '../memory';
import { askAgain, reviewPrompt, VERDICT_SCHEMA } from '../prompts/reviewPrompt';
import { captureBaseline, changedSince } from '../reviewBaseline';
import { readVerdict, reviewDocument } from '../verdict/readVerdict';
import { type Iteration, save, saveTiming } from '../work';

/**
 * Has the changes reviewed and checks that the reviewer changed nothing. Asks once more if the verdict is unreadable.
 */
export async function review(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { op, step } = work;
  const [prompt, before] = await Promise.all([promptFor(it), captureBaseline(op, it.seen, work.signal)]);
  await writeText(op.lock, paths.reviewPrompt, prompt);
  work.wrote = true;
  const { changed } = it.progress.review ?? { changed: [] };
  it.seen = null;
  it.memory.review = null;
  // Saved before the reviewer starts, so that its changes can be found however it ends.
  await save(it, { review: { ended: false, why: '', changed, before } });
  let text: string;
  try {
    text = await answer(it, prompt);
  } catch (error) {
    await noteEnd(it, error);
    throw error;
  }
  await writeText(op.lock, paths.review, text);
  it.memory.review = text;
  const touched = await changedSince(it, before);
  if (touched.length > 0)
    op.project.log.warn(`step ${step.n}: files changed while the reviewer was at work: ${touched.join(', ')}`);
  await saveTiming(it, 'review_ms');
  await save(
    it,
    {
      review: { ended: true, why: '', changed: touched },
      digests: { ...it.progress.digests, 'review.md': digestOf(text) },
    },
    'review',
  );
}

/** Runs when the reviewer failed, was cancelled or ran out of time: what it changed still keeps the gate shut. */
async function noteEnd(it: Iteration, error: unknown): Promise<void> {
  try {
    const changed = await changedSince(it, it.progress.review?.before);
    await save(it, {
      review: {
        ended: false,
        why: error instanceof Stop && error.why === 'agent_failed' ? error.message : '',
        changed,
      },
    });
  } catch (failed) {
    // Without the lock nothing may be written; the next operation compares.
    it.work.op.project.log.warn(
      `step ${it.work.step.n}: what the reviewer changed will be checked when the step continues: ${reason(failed)}`,
    );
  }
}

async function promptFor(it: Iteration): Promise<string> {
  const { op, step } = it.work;
  const tree = it.progress.tree ?? step.base;
  return reviewPrompt({
    record: step.record,
    diff: (await patchAsWritten(it)) ?? showBytes(await op.project.git.diff(step.base, tree)),
    diffPath: op.project.paths.relative(it.paths.diff),
    checks: it.memory.checks,
    earlier: await earlierIssues(step, it.n),
  });
}

/** The patch that this iteration wrote, unless somebody changed it since; saves computing it again. */
async function patchAsWritten({ paths, progress }: Iteration): Promise<string | null> {
  const text = await readText(paths.diff).catch(() => null);
  return text !== null && digestOf(text) === progress.digests['diff.patch'] ? text : null;
}

async function answer(it: Iteration, prompt: string): Promise<string> {
  const question = { task: 'implementation_review', access: 'read-only', outputSchema: VERDICT_SCHEMA } as const;
  const first = await ask(it, { ...question, prompt });
  const reading = readVerdict(first.text, first.structured);
  if (reading.ok) return reviewDocument(first);
  it.work.op.report({ message: `${it.work.title(it.n)}: review, asked once more because ${reading.why}` });
  return reviewDocument(await ask(it, { ...question, prompt: askAgain(prompt, reading.why) }));
}
