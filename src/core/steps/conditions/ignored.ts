import * as fs from 'node:fs/promises';
import { reason } from '../../errors';
import { CLOCK_STEP_MS } from '../../git/clock';
import { onDisk } from '../../git/names';
import type { Iteration } from '../work';

/** So many names are kept with an iteration. */
const MOST_NAMED = 1_000;

/**
 * Notes the files that were written since the iteration began and that no tree holds: ignored by git, or left out by
 * Weld.
 */
export async function noteIgnored(it: Iteration): Promise<void> {
  const { op, config, signal, step } = it.work;
  const { began_at_ms: began, left_out: leftOut } = it.progress;
  if (began === undefined || config.gate.ignored === 'off') return;
  const since = began - CLOCK_STEP_MS;
  try {
    const ignored = await op.project.git.ignoredSince(since, signal);
    if (!ignored.all)
      op.project.log.warn(
        `step ${step.n}, iteration ${it.n}: there are more ignored files than are looked at; some that were ` +
          'written may not be named',
      );
    const changed = await Promise.all(
      leftOut.map(async ({ path }) => {
        const stat = await fs.lstat(onDisk(op.project.top, path)).catch(() => null);
        return stat && stat.ctimeMs >= since ? [path] : [];
      }),
    );
    it.progress = { ...it.progress, ignored: [...new Set([...ignored.files, ...changed.flat()])].slice(0, MOST_NAMED) };
  } catch (error) {
    signal.throwIfAborted();
    op.project.log.warn(`step ${step.n}, iteration ${it.n}: ignored files could not be looked at: ${reason(error)}`);
  }
}
