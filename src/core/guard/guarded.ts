import { WeldError } from '../errors';
import { supervisionOf } from '../process/supervision';
import type { GuestPrograms } from '../process/types';
import { inCustody } from './custody';
import type { GuardedOperation, Guarded, Guest, GuestWork } from './types';

/**
 * Has a guest work while the guard stands around it. Only here are programs of other people started.
 * @returns what `work` returns, and what the guest did beyond its task
 * @throws what `work` throws; WeldError `LOCK_LOST` when the lock went meanwhile
 */
export async function runGuarded<T>(op: GuardedOperation, guest: Guest, work: GuestWork<T>): Promise<Guarded<T>> {
  const door = doorTo(op);
  try {
    const { result, trespass } = await inCustody(op, guest, () => work(door.programs));
    return { result, report: { mode: 'noticed', violations: trespass === null ? [] : [trespass], warnings: [], ignored: [], opted: false } };
  } finally {
    door.close();
  }
}

/** Starts programs until the guest has ended; nobody keeps it for later. */
function doorTo({ project, lock }: GuardedOperation): { readonly programs: GuestPrograms; readonly close: () => void } {
  let closed = false;
  return {
    programs: {
      supervise: (request) => {
        if (closed) return Promise.reject(new WeldError('INTERNAL', `${request.file} was to be started after its guest had ended.`));
        return supervisionOf(project.programs).supervise({ ...request, lock });
      },
    },
    close: () => { closed = true; },
  };
}
