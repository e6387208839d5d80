import { WeldError } from '../errors';
import { inheritedEnvironment } from '../process/environment';
import { supervisionOf } from '../process/supervision';
import type { GuestPrograms, ProgramRequest, ProgramResult, Sandbox, SupervisedRequest } from '../process/types';
import type { Mode } from './mode';
import { withoutDoors } from './prevention/sockets';
import type { GuardedOperation } from './types';

/** Starts programs for as long as their guest is at work. */
export interface Door {
  readonly programs: GuestPrograms;
  /** Nobody keeps it for later. */
  readonly close: () => void;
}

export function doorTo({ project, lock }: GuardedOperation, mode: Mode, writable: readonly string[]): Door {
  let closed = false;
  const supervise = async (request: ProgramRequest): Promise<ProgramResult> => {
    if (closed) throw new WeldError('INTERNAL', `${request.file} was to be started after its guest had ended.`);
    const supervision = supervisionOf(project.programs);
    const start = (given: SupervisedRequest): Promise<ProgramResult> => supervision.supervise(given);
    if (mode.kind === 'noticed') return start({ ...request, lock });
    const { result, said } = await shutIn(request, mode.prevention.sandbox(writable, request.cwd), (shut) =>
      start({ ...shut, lock }),
    );
    return judged(result, request, said);
  };
  return {
    programs: { supervise },
    close: () => {
      closed = true;
    },
  };
}

/** So much of what a sandbox says of itself is heard, in characters; it says one line. */
const MOST_SAID = 2_000;

async function shutIn(
  request: ProgramRequest,
  sandbox: Sandbox,
  start: (request: ProgramRequest & { readonly sandbox: Sandbox }) => Promise<ProgramResult>,
): Promise<{ readonly result: ProgramResult; readonly said: string }> {
  let said = '';
  const result = await start({
    ...request,
    sandbox,
    env: withoutDoors(request.env ?? inheritedEnvironment()),
    onOutput: (stream, text) => {
      if (stream === 'stderr' && said.length < MOST_SAID) said += text;
      request.onOutput?.(stream, text);
    },
  });
  return { result, said };
}

/**
 * A sandbox that did not come to its program is an error; never is the program started without. Where only the program
 * itself could not be executed, that is an end like any other.
 */
function judged(result: ProgramResult, { file }: ProgramRequest, said: string): ProgramResult {
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
