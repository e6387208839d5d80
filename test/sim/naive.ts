import { io, type Program } from '../../src/core/lock/program';
import { isErrno } from '../../src/core/util/errors';
import { type Around, type Design, FACE } from './design';

/** The state of a naive holder: only its identity. */
interface Naive {
  readonly token: string;
  readonly pid: number;
}

const base = {
  copy: (held: Naive): Naive => ({ ...held }),
  epoch: (): number => 0,
  proofIsFace: true,
  damaged(fs: { text(file: string): string | undefined }, held: Naive): string | null {
    const text = fs.text(FACE);
    if (text === undefined) return 'is gone';
    return text.includes(held.token) ? null : 'was changed';
  },
};

function* readFace(): Program<{ pid: number; token: string } | null> {
  let handle;
  try {
    handle = yield* io.openRead(FACE);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
  const text = yield* io.read(handle, 4096);
  yield* io.close(handle);
  const [pid, token] = text.split(' ');
  return { pid: Number(pid), token: token ?? '' };
}

function* create({ pid, token }: Around): Program<boolean> {
  try {
    const handle = yield* io.createNew(FACE);
    yield* io.write(handle, `${pid} ${token}`.padEnd(44));
    yield* io.close(handle);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function* remove(): Program<void> {
  try {
    yield* io.unlink(FACE);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function* show(): Program<string | null> {
  return (yield* readFace())?.token ?? null;
}

/** Exclusive create; unlinks the lock of a dead process: two that judge the same lock remove each other's. */
export const unlinkIfStale: Design<Naive> = {
  ...base,
  name: 'exclusive create and unlink if stale',
  show,
  *acquire(around) {
    const found = yield* readFace();
    if (found) {
      if (around.mayLive(found.pid)) return null;
      yield* remove();
    }
    return (yield* create(around)) ? { token: around.token, pid: around.pid } : null;
  },
  *assertHeld(_around, held) {
    return (yield* readFace())?.token === held.token;
  },
  *heartbeat(_around, held) {
    return (yield* readFace())?.token === held.token;
  },
  *release() {
    yield* remove();
  },
};

/** Takes a stale lock by renaming its own over it, and releases by removing any file there. */
export const releaseUnchecked: Design<Naive> = {
  ...unlinkIfStale,
  name: 'release that never checks whose lock it is',
  *acquire(around, _last, takeOver) {
    const found = yield* readFace();
    if (found && found.token !== takeOver) return null;
    if (found) yield* remove();
    return (yield* create(around)) ? { token: around.token, pid: around.pid } : null;
  },
};

/** The heartbeat renames a new record over the lock: a holder that was displaced overwrites its successor. */
export const renameOverHeartbeat: Design<Naive> = {
  ...releaseUnchecked,
  name: 'heartbeat that renames over',
  *heartbeat({ pid, token }) {
    if ((yield* readFace())?.token !== token) return false;
    const handle = yield* io.createNew(`${FACE}.${pid}`);
    yield* io.write(handle, `${pid} ${token}`.padEnd(44));
    yield* io.close(handle);
    yield* io.rename(`${FACE}.${pid}`, FACE);
    return true;
  },
  *release({ token }) {
    if ((yield* readFace())?.token === token) yield* remove();
  },
};
