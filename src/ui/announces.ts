import type { StopReason } from '../core/steps/results';

/**
 * Whether the end of a loop is worth a notification. @param when the person's setting @param focused whether the window
 * is in front
 */
export function announces(when: 'always' | 'unfocused' | 'never', focused: boolean, reason: StopReason): boolean {
  // A lock that was taken away is no ordinary end, and nothing else tells of it as loudly.
  if (reason === 'lock_lost') return true;
  return when === 'always' || (when === 'unfocused' && !focused);
}
