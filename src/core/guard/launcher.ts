import { isProvider, PROVIDERS } from '../config/providers';
import { withGitSignal } from '../git/runGit';
import type { RunLock } from '../lock/runLock';
import type { Guest, GuestPrograms, ProgramRequest, ProgramResult, Sandbox, SupervisedRequest } from '../process/ports';
import { inheritedEnvironment } from '../process/resolve';
import { supervisionOf } from '../process/supervision';
import type { GuardedOperation } from '../project';
import { WeldError } from '../util/errors';
import { type Prevention, preventionFor } from './prevention';
import { withoutEndpoints } from './prevention/outside';

/** Starts the programs of one guest. */
export interface Launcher {
  readonly programs: GuestPrograms;
  /** After this no program can be started, so that a guest's code cannot keep the launcher for later. */
  readonly close: () => void;
}

export function launcherFor({ project, lock }: GuardedOperation, mode: Mode, writable: readonly string[]): Launcher {
  let closed = false;
  const supervise = async (request: ProgramRequest): Promise<ProgramResult> => {
    if (closed) throw new WeldError('INTERNAL', `${request.file} was to be started after its guest had ended.`);
    const supervision = supervisionOf(project.programs);
    const start = (given: SupervisedRequest): Promise<ProgramResult> => supervision.supervise(given);
    if (mode.kind === 'noticed') return start({ ...request, lock });
    const { result, said } = await runInSandbox(request, mode.prevention.sandbox(writable, request.cwd), (shut) =>
      start({ ...shut, lock }),
    );
    return checkedStart(result, request, said);
  };
  return {
    programs: { supervise },
    close: () => {
      closed = true;
    },
  };
}

/** Starts the supervisor of a guest's first program, which takes longer than the guard's look at the repository. */
export function prepareSpare({ project, lock }: GuardedOperation, guest: Guest): void {
  if (guest.inProcess !== true) supervisionOf(project.programs).prepare(lock);
}

/** Keeps a supervisor waiting for the guests of an operation until the result is disposed. */
export function keepSpare(project: GuardedOperation['project'], lock: RunLock): Disposable {
  return supervisionOf(project.programs).keepSpare(lock);
}

/** Maximum number of characters kept of a sandbox's own message, which is one line. */
const MAX_SANDBOX_OUTPUT = 2_000;

async function runInSandbox(
  request: ProgramRequest,
  sandbox: Sandbox,
  start: (request: ProgramRequest & { readonly sandbox: Sandbox }) => Promise<ProgramResult>,
): Promise<{ readonly result: ProgramResult; readonly said: string }> {
  let said = '';
  const result = await start({
    ...request,
    sandbox,
    env: withoutEndpoints(request.env ?? inheritedEnvironment()),
    onOutput: (stream, text) => {
      if (stream === 'stderr' && said.length < MAX_SANDBOX_OUTPUT) said += text;
      request.onOutput?.(stream, text);
    },
  });
  return { result, said };
}

/**
 * Reports a sandbox that failed before it started its program; the program never starts without one. If only the
 * program could not be executed, that counts as an ordinary end.
 */
function checkedStart(result: ProgramResult, { file }: ProgramRequest, said: string): ProgramResult {
  const { ended } = result;
  if (ended.how !== 'crashed' || ended.sandbox !== true) return result;
  const failed = /^bwrap: execvp .*: (.*)$/mu.exec(said);
  if (failed) return { ...result, ended: { how: 'crashed', why: `${file} could not be started (${failed[1] ?? ''})` } };
  const why = said.trim().split('\n').at(-1) ?? '';
  throw new WeldError(
    'GUARD_UNAVAILABLE',
    `${file} was not started, because the sandbox around it could not be set ` +
      `up${why === '' ? '' : ` (${why.slice(0, 200)})`}; try again, ` +
      'or see what ' +
      '"Weld: Check ' +
      'Setup" says of it.',
  );
}

/** Maximum time in ms that the guard works after a person stopped the operation. The next command does the rest. */
const GRACE_MS = 1_500;

/**
 * Runs the guard's own work after a guest. After Stop it has a short time left, even if it waits for git. If the lock
 * is lost, nobody waits for the end, so there is no time limit and everything missing is brought back.
 * @param work receives the signal that ends it
 * @throws WeldError `CANCELLED` if the time was over; otherwise what `work` throws
 */
export async function withGrace<T>(
  { signal, lock }: GuardedOperation,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (lock.signal.aborted) return;
    timer ??= setTimeout(() => {
      late.abort(new WeldError('CANCELLED', 'Cancelled; what a guest removed is brought back by the next command.'));
    }, GRACE_MS);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    return await withGitSignal(late.signal, () => work(late.signal));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', begin);
  }
}

/** How one guest is guarded. */
export type Mode =
  | { readonly kind: 'prevented'; readonly prevention: Extract<Prevention, { ok: true }> }
  | { readonly kind: 'noticed'; readonly why: string; readonly opted: boolean };

/** The result for each operation, by its lock, so that all its guests are guarded alike. */
const preventions = new WeakMap<RunLock, Promise<Prevention>>();

/** Decides how a guest of an operation is guarded. */
export async function modeFor({ project, lock }: GuardedOperation, guest: Guest): Promise<Mode> {
  if (guest.inProcess === true) return { kind: 'noticed', why: 'it starts no program', opted: false };
  if (await isOpted(project, guest))
    return { kind: 'noticed', why: `[guard] in .weld/config.toml says so`, opted: true };
  let known = preventions.get(lock);
  if (!known) {
    known = preventionFor(project);
    preventions.set(lock, known);
    const prevention = await known;
    if (prevention.ok) project.log.info('Programs that run code of the repository are shut in by bubblewrap.');
    else
      project.log.warn(
        `Programs that run code of the repository cannot be shut in (${prevention.why}); what they change of ` +
          `Weld's is noticed afterwards.`,
      );
  }
  const prevention = await known;
  if (!prevention.ok) return { kind: 'noticed', why: prevention.why, opted: false };
  if (guest.kind === 'agent' && isProvider(guest.name) && PROVIDERS[guest.name].ownSandbox && !prevention.nests)
    return { kind: 'noticed', why: 'its own sandbox does not work inside another one here', opted: false };
  return { kind: 'prevented', prevention };
}

/** Whether config.toml turns prevention off for this guest. An unreadable file does not turn it off. */
async function isOpted(project: GuardedOperation['project'], guest: Guest): Promise<boolean> {
  const loaded = await project.config().catch(() => null);
  const words = loaded?.config.guard;
  return words !== undefined && Object.hasOwn(words, guest.name) && words[guest.name] === 'notice';
}
