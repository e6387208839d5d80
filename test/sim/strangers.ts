import { type FileCall, io, type Program } from '../../src/core/lock/program';
import { isErrno } from '../../src/core/util/errors';
import type { Stranger } from './actor';
import { type Around, FACE } from './design';

/** A process outside of the simulation that lives forever, and one that is gone. */
export const FOREIGN = 50;
const GONE = 7;

const recordOf = (pid: number, who: number): string =>
  JSON.stringify({ pid, run_id: 'x', command: `other ${who}`, started_at: 's', last_heartbeat: 's' });

/** Whether this is a complete record of the live stranger; half a record could be anyone's. */
export function isForeignLive(text: string | undefined): boolean {
  return text?.startsWith(`{"pid":${FOREIGN},`) === true && text.endsWith('}');
}

/** Makes one call and ignores its errors. */
export function* single(call: FileCall): Program<void> {
  try {
    yield call;
  } catch {
    // The file does not exist.
  }
}

/**
 * Exclusive create, then the record in two pieces, so that others may find it empty or half written.
 * @returns false if the name exists
 */
function* create(file: string, pid: number, who: number): Program<boolean> {
  let handle;
  try {
    handle = yield* io.createNew(file);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  const text = recordOf(pid, who);
  yield* io.write(handle, text.slice(0, 12));
  yield* io.write(handle, text);
  yield* io.close(handle);
  return true;
}

/** The rule of the command-line Weld: exclusive create, after unlinking the record of a dead process. */
function* commandLine(around: Around): Program<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (yield* create(FACE, FOREIGN, around.pid)) return;
    try {
      const handle = yield* io.openRead(FACE);
      const text = yield* io.read(handle, 4096);
      yield* io.close(handle);
      const pid = /"pid": *(\d+)/u.exec(text)?.[1];
      if (pid === undefined || around.mayLive(Number(pid))) return;
      yield* io.unlink(FACE);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}

export const strangers: Readonly<Record<Stranger, (around: Around) => Program<unknown>>> = {
  strangerDead: (around) => create(FACE, GONE, around.pid),
  strangerLive: (around) => create(FACE, FOREIGN, around.pid),
  *strangerOver(around) {
    const draft = `/w/draft-${around.pid}`;
    if (yield* create(draft, FOREIGN, around.pid)) yield* io.rename(draft, FACE);
  },
  cli: commandLine,
};
