import type { StopReason } from '../core/steps/results';

/**
 * Whether the end of a loop is worth a notification.
 * @param when the person's setting
 * @param focused whether the window is in front
 */
export function shouldNotify(when: 'always' | 'unfocused' | 'never', focused: boolean, reason: StopReason): boolean {
  // A lost lock is not an ordinary end, and nothing else shows it as clearly.
  if (reason === 'lock_lost') return true;
  return when === 'always' || (when === 'unfocused' && !focused);
}
