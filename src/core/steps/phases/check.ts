import parseArgs from 'string-argv';
import { ChecksSummarySchema, type ChecksSummary } from '../../artifacts/schemas';
import { writeRecord, writeText } from '../../artifacts/store';
import { configuredChecks } from '../checkList';
import { digestOf } from '../digest';
import { alive, save, saveTiming, type Iteration } from '../work';

/** Runs the configured checks, each to its end, and keeps their whole output. */
export async function check(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { op } = work;
  const list = configuredChecks(work.config);
  const summary: ChecksSummary = { categories: {}, first_failure: null, all_passed: true };
  for (const { category, command } of list) {
    const [file = '', ...args] = parseArgs(command);
    const result = await op.project.programs.supervise({ file, args, cwd: op.project.top, timeoutMs: 600_000, signal: work.signal, lock: op.lock });
    alive(work);
    const output = Buffer.concat([result.stdout, result.stderr]).toString();
    await writeText(op.lock, paths.check(category), output);
    summary.categories[category] = { category, exit_code: result.exitCode, passed: result.exitCode === 0, output };
    if (result.exitCode !== 0) { summary.all_passed = false; summary.first_failure ??= category; }
  }
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  await writeRecord(op.lock, paths.checksSummary, ChecksSummarySchema, summary);
  let checkedTree: string | null = null;
  if (list.length > 0) checkedTree = (await op.project.git.captureTree(op.lock, { signal: work.signal })).tree;
  await saveTiming(it, 'checks_ms');
  await save(it, {
    checked_tree: checkedTree, configured_checks: list.map(({ category }) => category),
    digests: { ...it.progress.digests, 'checks.summary.json': digestOf(text) },
  }, 'checks');
}
