import type { Project } from '../project';
import { runGuarded } from './guarded';
import type { Guests } from './types';

/** @param project told late, because git is opened before it */
export function guestsOf(project: () => Project): Guests {
  return {
    around: ({ lock, guest, writable, signal }, work) => {
      const signals = signal ? AbortSignal.any([signal, lock.signal]) : lock.signal;
      return runGuarded({ project: project(), lock, signal: signals }, guest, work, writable);
    },
  };
}
