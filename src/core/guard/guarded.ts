import { withGitSignal } from '../git/runGit';
import type { Guarded, GuardReport, Guest, Guests, GuestWork } from '../process/ports';
import type { GuardedOperation, Project } from '../project';
import { reason, WeldError } from '../util/errors';
import { launcherFor, type Mode, modeFor, prepareSpare, withGrace } from './launcher';
import { runNoticed } from './noticed';
import { judgeRepository, repositoryState } from './repositoryState';

/**
 * Runs a guest under the guard. Programs that may run the repository's code start only here.
 * @param writable Weld's own folders that this guest has to write although everything around them is read-only
 * @returns the result of `work`, and what the guest did beyond its task
 * @throws what `work` throws; WeldError `VIOLATION` if it throws and the guest went beyond its task,
 * `GUARD_UNAVAILABLE` if a sandbox failed, `LOCK_LOST` if the lock was lost during the work
 */
export async function runGuarded<T>(
  op: GuardedOperation,
  guest: Guest,
  work: GuestWork<T>,
  writable: readonly string[] = [],
): Promise<Guarded<T>> {
  const mode: Mode =
    guest.person === true ? { kind: 'noticed', why: 'a person does it', opted: false } : await modeFor(op, guest);
  const launcher = launcherFor(op, mode, writable);
  const report = (violations: readonly string[]): GuardReport => ({
    mode: mode.kind,
    violations,
    warnings: [],
    opted: mode.kind === 'noticed' && mode.opted,
  });
  try {
    if (guest.person === true) return { result: await work(launcher.programs), report: report([]) };
    prepareSpare(op, guest);
    if (mode.kind === 'prevented') {
      const { result, violations } = await runPrevented(op, guest, () => work(launcher.programs));
      return { result, report: report(violations) };
    }
    const { result, found } = await runNoticed(op, guest, () => work(launcher.programs));
    return { result, report: { ...report(found.violations), warnings: found.warnings } };
  } finally {
    launcher.close();
  }
}

/** The guest cannot write below `.weld`, so only the state of git is compared. */
async function runPrevented<T>(
  op: GuardedOperation,
  guest: Guest,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly violations: readonly string[] }> {
  const { project, lock } = op;
  const before = await withGitSignal(op.signal, () => repositoryState(project, 'prevented'));
  const judged = (): Promise<string[]> => withGrace(op, () => judgeRepository(project, lock, guest, before));
  let result: T;
  try {
    result = await work();
    lock.assertHeld();
  } catch (error) {
    const found = await judged().catch((failed: unknown) => {
      project.log.error(`What ${guest.label} did to the repository could not be checked: ${reason(failed)}`, failed);
      return op.signal.aborted
        ? [
            `Weld was stopped before it could check what ${guest.label} did to the repository; check git ` +
              'status, .git/config and .git/hooks before you continue.',
          ]
        : [];
    });
    if (found.length > 0) throw new WeldError('VIOLATION', found.join(' '), { cause: error });
    throw error;
  }
  return { result, violations: await judged() };
}

/** The guard as git uses it. @param project a function, because git is opened before the project exists */
export function guestsOf(project: () => Project): Guests {
  return {
    around: ({ lock, guest, writable, signal }, work) => {
      const signals = signal ? AbortSignal.any([signal, lock.signal]) : lock.signal;
      return runGuarded({ project: project(), lock, signal: signals }, guest, work, writable);
    },
  };
}
