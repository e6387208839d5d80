import type { FileCall, Program } from '../../src/core/lock/program';
import { FACE, type Around } from './design';

/** One call, whatever comes of it. */
export function* single(call: FileCall): Program<void> {
  try {
    yield call;
  } catch {
    // It was not there.
  }
}

/** The command-line Weld's exclusive create, by a process that is already gone. */
export function* stranger(around: Around): Program<void> {
  try {
    const handle = yield { call: 'createNew', args: [FACE] };
    yield { call: 'write', args: [handle, JSON.stringify({ pid: 7, run_id: 'x', command: `old ${around.pid}`, started_at: 's', last_heartbeat: 's' })] };
    yield { call: 'close', args: [handle] };
  } catch {
    // The face is taken.
  }
}
