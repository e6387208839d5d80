import { type FileCall, io, type Program } from '../../src/core/lock/program';
import { isErrno } from '../../src/core/util/errors';
import type { Stranger } from './actor';
import { type Around, FACE } from './design';

/** A process outside of the simulation that lives for ever, and one that is gone. */
export const FOREIGN = 50;
const GONE = 7;

const recordOf = (pid: number, who: number): string =>
  JSON.stringify({ pid, run_id: 'x', command: `other ${who}`, started_at: 's', last_heartbeat: 's' });

/** A whole record of the live stranger; half of one may be anybody's. */
export function isForeignLive(text: string | undefined): boolean {
  return text?.startsWith(`{"pid":${FOREIGN},`) === true && text.endsWith('}');
}

/** One call, whatever comes of it. */
export function* single(call: FileCall): Program<void> {
  try {
    yield call;
  } catch {
    // It was not there.
  }
}

/**
 * Exclusive create, then the record in two pieces: whoever looks in between, or after a kill, finds it empty or half.
 * @returns false when the name is taken
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

/** The rule of the command-line Weld: exclusive create, and a record whose process is gone is unlinked first. */
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
