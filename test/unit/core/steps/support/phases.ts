import type { OperationProgress } from '../../../../../src/core/project';

/** The phases of `TWO_ITERATIONS`, as the loop reports their beginnings. */
export const PHASES = [
  '1 implement',
  '1 capture changes',
  '1 checks',
  '1 review',
  '1 verdict',
  '2 fix',
  '2 capture changes',
  '2 checks',
  '2 review',
  '2 verdict',
] as const;

/** Calls a function at the beginning of each phase, with its name in `PHASES`. */
export function onPhase(begin: (phase: string) => void): (progress: OperationProgress) => void {
  return ({ message }) => {
    const phase = /iteration (\d+) of \d+: ([a-z ]+)$/u.exec(message);
    if (phase) begin(`${phase[1] ?? ''} ${phase[2] ?? ''}`);
  };
}
