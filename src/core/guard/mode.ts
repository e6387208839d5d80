import type { RunLock } from '../lock/types';
import { type Prevention, preventionFor } from './prevention';
import type { GuardedOperation, Guest } from './types';

/** What stands around one guest. */
export type Mode =
  | { readonly kind: 'prevented'; readonly prevention: Extract<Prevention, { ok: true }> }
  | { readonly kind: 'noticed'; readonly why: string; readonly opted: boolean };

/** Found out once an operation: what an operation began with, it ends with. */
const found = new WeakMap<RunLock, Promise<Prevention>>();

/** These set up sandboxes of their own for the commands that they run. */
const NESTING = new Set(['claude', 'codex']);

export async function modeFor({ project, lock }: GuardedOperation, guest: Guest): Promise<Mode> {
  if (guest.inProcess === true) return { kind: 'noticed', why: 'it starts no program', opted: false };
  if (await isOpted(project, guest))
    return { kind: 'noticed', why: `[guard] in .weld/config.toml says so`, opted: true };
  let known = found.get(lock);
  if (!known) {
    known = preventionFor(project);
    found.set(lock, known);
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
  if (guest.kind === 'agent' && NESTING.has(guest.name) && !prevention.nests)
    return { kind: 'noticed', why: 'its own sandbox does not work inside another one here', opted: false };
  return { kind: 'prevented', prevention };
}

/** Whether the person has taken prevention off this guest. A file that cannot be read takes it off nobody. */
async function isOpted(project: GuardedOperation['project'], guest: Guest): Promise<boolean> {
  const loaded = await project.config().catch(() => null);
  const words = loaded?.config.guard;
  return words !== undefined && Object.hasOwn(words, guest.name) && words[guest.name] === 'notice';
}
