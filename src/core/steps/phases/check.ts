import { checkCommands, runChecks } from '../../checks';
import { WeldError } from '../../errors';
import { digestFile } from '../digest';
import { save, saveTiming, type Iteration } from '../work';

/** Runs the configured checks and notes the tree that they left: formatters and reports may change it. */
export async function check(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { op, config } = work;
  const title = work.title(it.n);
  work.wrote = true; // each check's output, as soon as that check has ended
  const summary = await runChecks({
    project: op.project, lock: op.lock, signal: work.signal,
    report: ({ message, ...rest }) => { op.report({ message: `${title}: ${message}`, ...rest }); },
  }, config, paths);
  const written = await digestFile(paths.checksSummary);
  if (!written) throw new WeldError('DAMAGED_FILE', `${paths.checksSummary} has gone while it was needed; see what removes it, and resume.`);
  const ran = Object.keys(summary.categories).length > 0;
  const seen = ran ? await op.project.git.captureTree(op.lock, { signal: work.signal }) : null;
  it.seen = seen ?? it.seen;
  await saveTiming(it, 'checks_ms');
  await save(it, {
    checked_tree: seen?.tree ?? null, configured_checks: checkCommands(config).map(({ category }) => category),
    digests: { ...it.progress.digests, 'checks.summary.json': written.sha256 },
  }, 'checks');
}
