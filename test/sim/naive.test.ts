import { describe, expect, it } from 'vitest';
import type { Stage } from './actor';
import type { Design } from './design';
import { explore } from './explore';
import { releaseUnchecked, renameOverHeartbeat, unlinkIfStale } from './naive';

/** A simulation that passes everything proves nothing: it must catch each of these usual designs. */
describe('the simulation finds what is wrong with', () => {
  const takeOver: readonly Stage[] = ['show', 'takeOver', 'assert', 'release'];

  it.each([
    {
      design: unlinkIfStale,
      scripts: [
        ['acquire', 'release'],
        ['acquire', 'release'],
        ['acquire', 'release'],
      ],
      fault: /both hold the lock/,
    },
    {
      design: releaseUnchecked,
      scripts: [['acquire', 'release'], takeOver],
      fault: /passes assertHeld after a successor|record of holder 101 is gone/,
    },
    {
      design: renameOverHeartbeat,
      scripts: [
        ['acquire', 'beat'],
        ['show', 'takeOver', 'assert'],
      ],
      fault: /record of holder 101 was changed|is gone/,
    },
  ] satisfies {
    design: Design<never> | Design<{ token: string; pid: number }>;
    scripts: Stage[][] | readonly (readonly Stage[])[];
    fault: RegExp;
  }[])('$design.name', ({ design, scripts, fault }) => {
    const { failure, states } = explore(design, scripts as readonly (readonly Stage[])[], { maxStates: 500_000 });
    expect(failure?.what).toMatch(fault);
    expect(failure?.schedule.length).toBeGreaterThan(3);
    console.log(
      `${design.name}: found after ${states} states\n  ${failure?.schedule.join('\n  ') ?? ''}\n  => ` +
        `${failure?.what ?? ''}`,
    );
  });
});
