import { describe, expect, it } from 'vitest';
import type { Stage } from './actor';
import type { Design } from './design';
import { releaseUnchecked, renameOverHeartbeat, unlinkIfStale } from './naive';
import { bursts, gathering, playSeed, sample } from './random';

const turn: readonly Stage[] = ['acquire', 'assert', 'release'];
const takeOver: readonly Stage[] = ['show', 'takeOver', 'assert', 'release'];

/** A search that finds nothing only counts if it has been seen to find something. */
describe.each([
  ['bursts', bursts],
  ['gathering', gathering],
] as const)('%s of random schedules find what is wrong, and the seed plays the same again, with', (_name, order) => {
  it.each([
    { design: unlinkIfStale, scripts: [turn, turn, turn] },
    { design: releaseUnchecked, scripts: [turn, takeOver, takeOver] },
    { design: renameOverHeartbeat, scripts: [['acquire', 'beat', 'beat'], takeOver, takeOver] },
  ] satisfies { design: Design<{ token: string; pid: number }>; scripts: (readonly Stage[])[] }[])(
    '$design.name',
    ({ design, scripts }) => {
      const { failure } = sample(design, () => scripts, { schedules: 20_000, firstSeed: 1, order });
      expect(failure?.what).toMatch(
        /both hold the lock|passes assertHeld after a successor|record of holder \d+ (?:is gone|was changed)/u,
      );
      expect(failure?.schedule.length).toBeGreaterThan(3);
      const again = playSeed(design, () => scripts, failure?.seed ?? 0, { order });
      expect(again).toMatchObject({ what: failure?.what, schedule: failure?.schedule });
      // The last line is the call that broke the rule, not the one before it.
      expect(failure?.schedule.at(-1)).toMatch(/^\d+ \w+: \w+\(/u);
    },
  );
});
