import { ChecksSummarySchema } from '../../artifacts/schemas';
import { recordText } from '../../artifacts/store';
import { checkCommands, runChecks } from '../../checks';
import type { CapturedTree } from '../../git/git';
import { listed } from '../../util/text';
import { digestOf } from '../memory';
import { noteGuard } from '../reviewBaseline';
import { type Iteration, save, saveTiming } from '../work';
import { keepTree } from './implement';

/**
 * Runs the configured checks on the captured tree. If they change files (formatters, snapshots, generated code),
 * captures the result and runs all checks once more on it. If they change files again, their results belong to no
 * single tree.
 */
export async function check(it: Iteration): Promise<void> {
  const { work } = it;
  work.wrote = true; // each check's output is written as soon as the check ends
  const configured_checks = checkCommands(work.config).map(({ category }) => category);
  await runAll(it);
  const first = configured_checks.length > 0 ? await captureAfterChecks(it) : null;
  let unsettled: readonly string[] = [];
  if (first && first.changed.length > 0) {
    const notice = `The checks changed ${listed(first.changed)}; that was captured, and they ran once more on it.`;
    work.op.report({ message: `${work.title(it.n)}: ${notice}` });
    const kept = await keepTree(it, first.seen);
    await save(it, { ...kept, notices: [...kept.notices, notice] });
    await runAll(it);
    const second = await captureAfterChecks(it);
    unsettled = second.changed;
    // The reviewer has to see the captured tree, even if it cannot pass.
    if (unsettled.length > 0) it.progress = { ...it.progress, ...(await keepTree(it, second.seen)) };
  }
  await saveTiming(it, 'checks_ms');
  await save(
    it,
    { checked_tree: first ? it.progress.tree : null, unsettled: [...unsettled], configured_checks },
    'checks',
  );
}

async function runAll(it: Iteration): Promise<void> {
  const { op, config, signal } = it.work;
  const title = it.work.title(it.n);
  const outputs: Record<string, string> = {};
  it.memory.checks = null;
  const summary = await runChecks(
    {
      project: op.project,
      lock: op.lock,
      signal,
      report: ({ message, ...rest }) => {
        op.report({ message: `${title}: ${message}`, ...rest });
      },
    },
    config,
    it.paths,
    {
      written: (category, text) => {
        outputs[`checks/${category}.txt`] = digestOf(text);
      },
      guarded: (_label, report) => {
        noteGuard(it, report);
      },
    },
  );
  it.memory.checks = summary;
  const others = Object.entries(it.progress.digests).filter(([name]) => !name.startsWith('checks/'));
  const digests = {
    ...Object.fromEntries(others),
    ...outputs,
    'checks.summary.json': digestOf(recordText(ChecksSummarySchema, summary)),
  };
  it.progress = { ...it.progress, digests };
}

async function captureAfterChecks(
  it: Iteration,
): Promise<{ readonly seen: CapturedTree; readonly changed: readonly string[] }> {
  const { git } = it.work.op.project;
  const seen = await git.captureTree(it.work.op.lock, { signal: it.work.signal });
  it.seen = seen;
  const { tree } = it.progress;
  if (!tree || seen.tree === tree) return { seen, changed: [] };
  return { seen, changed: (await git.changedFiles(tree, seen.tree)).map((file) => file.path) };
}
