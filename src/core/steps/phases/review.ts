import { ChecksSummarySchema } from '../../artifacts/schemas';
import { readRecord, writeText } from '../../artifacts/store';
import type { Oid } from '../../git/types';
import { ask } from '../ask';
import { digestOf } from '../digest';
import { earlierIssues } from '../feedback';
import { askAgain, reviewPrompt, VERDICT_SCHEMA } from '../prompts/review';
import { fenced } from '../prompts/parts';
import { Stop } from '../stop';
import { readVerdict } from '../verdict/parse';
import { save, saveTiming, type Iteration } from '../work';

/** Has the changes reviewed, and sees to it that the reviewer only read. An unreadable verdict is asked for once more. */
export async function review(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { op, step } = work;
  const prompt = await promptFor(it);
  await writeText(op.lock, paths.reviewPrompt, prompt);
  work.wrote = true;
  const before = await snapshot(it, it.seen);
  it.seen = null;
  const changed = new Set(it.progress.review?.changed ?? []);
  const note = async (): Promise<string[]> => {
    const after = await snapshot(it, null);
    if (after.tree !== before.tree) for (const file of await op.project.git.changedFiles(before.tree, after.tree)) changed.add(file.path);
    if (after.head !== before.head) changed.add('HEAD');
    if (it.trespass !== null) changed.add('.weld');
    return [...changed];
  };
  let text: string;
  try {
    text = await answer(it, prompt);
  } catch (error) {
    if (error instanceof Stop && error.why === 'agent_failed') await save(it, { review: { ended: false, why: error.message, changed: await note() } });
    throw error;
  }
  await writeText(op.lock, paths.review, text);
  const touched = await note();
  if (touched.length > 0) op.project.log.warn(`step ${step.n}: files changed while the reviewer was at work: ${touched.join(', ')}`);
  await saveTiming(it, 'review_ms');
  await save(it, { review: { ended: true, why: '', changed: touched }, digests: { ...it.progress.digests, 'review.md': digestOf(text) } }, 'review');
}

async function promptFor(it: Iteration): Promise<string> {
  const { op, step } = it.work;
  const tree = it.progress.tree ?? step.base;
  return reviewPrompt({
    record: step.record,
    diff: new TextDecoder().decode(await op.project.git.diff(step.base, tree)),
    diffPath: op.project.paths.relative(it.paths.diff),
    checks: await readRecord(it.paths.checksSummary, ChecksSummarySchema).catch(() => null),
    earlier: await earlierIssues(step.paths, it.n),
  });
}

async function answer(it: Iteration, prompt: string): Promise<string> {
  const question = { task: 'implementation_review', access: 'read-only', outputSchema: VERDICT_SCHEMA } as const;
  const first = await ask(it, { ...question, prompt });
  const reading = readVerdict(first.text, first.structured);
  if (reading.ok) return asText(first);
  it.work.op.report({ message: `${it.work.title(it.n)}: review, asked once more because ${reading.why}` });
  return asText(await ask(it, { ...question, prompt: askAgain(prompt, reading.why) }));
}

/** `review.md` is the whole evidence: a structured verdict stands in it as its last JSON object. */
function asText(answer: { readonly text: string; readonly structured?: unknown }): string {
  if (answer.structured === undefined || answer.structured === null) return answer.text;
  return `${answer.text.trimEnd()}\n\n${fenced(JSON.stringify(answer.structured, null, 2), 'json')}\n`.trimStart();
}

async function snapshot(it: Iteration, known: Oid | null): Promise<{ readonly tree: Oid; readonly head: Oid | null }> {
  const { op, signal } = it.work;
  const tree = known ?? (await op.project.git.captureTree(op.lock, { signal })).tree;
  return { tree, head: (await op.project.git.head()).sha };
}
