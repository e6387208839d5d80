import type { StepsStopReason } from '../core/runs/runSteps';

/**
 * Whether to show a notification when a loop has ended.
 * @param when the person's setting
 * @param focused whether the window has the focus
 */
export function shouldNotify(
  when: 'always' | 'unfocused' | 'never',
  focused: boolean,
  reason: StepsStopReason,
): boolean {
  // A lost lock needs attention, and nothing else shows it as clearly.
  if (reason === 'lock_lost') return true;
  return when === 'always' || (when === 'unfocused' && !focused);
}
