import { describe, expect, it } from 'vitest';
import { seeded } from '../sim/random';
import { budget, spent } from '../support/budget';
import { deep } from '../support/deep';
import { type Attack, PLACES, type Place, play } from './arena';
import { ATTACKS } from './guest.mjs';
import type { Found } from './judge';

const names = Object.keys(ATTACKS);

/**
 * What no guest may achieve, prevented or noticed: a false pass, the end of another process, a file written outside.
 */
function never(found: Found): Partial<Found> {
  const { passes, escaped, victimAlive } = found;
  return { passes, escaped, victimAlive };
}
const NOTHING = { passes: [], escaped: [], victimAlive: true };

/** Texts belong to people: without prevention, a guest's edit of one is reported and stays. */
const edited = (found: Found): readonly string[] => found.lost.filter((name) => !/\.md$/u.test(name));

function expectNothing(attack: Attack, found: Found): void {
  const told = JSON.stringify({ attack, ...found }, null, 1);
  expect(never(found), told).toEqual(NOTHING);
  if (attack.guard === 'prevent') expect({ lost: found.lost, left: found.left }, told).toEqual({ lost: [], left: [] });
  else expect(edited(found), told).toEqual([]);
}

/** Each attack once, prevented or noticed, and both in depth; distributed over all places, three at a time. */
const rounds: Attack[] = (['prevent', 'notice'] as const).flatMap((guard, shift) =>
  Array.from({ length: Math.ceil(names.length / 3) }, (_, n) => ({
    guard,
    place: PLACES[(n + shift) % PLACES.length] ?? 'check',
    attacks: names.slice(3 * n, 3 * n + 3),
  })).filter((_each, n) => deep || n % 2 === shift),
);

/** This one keeps forging after the loop has ended: then only the seal can tell. */
rounds.push({ guard: 'notice', place: 'reviewer', attacks: ['a process of its own session'] });

describe('a scripted guest', () => {
  it.each(rounds.map((attack) => [`${attack.guard}, ${attack.place}: ${attack.attacks.join(', ')}`, attack] as const))(
    '%s',
    async (_, attack) => {
      expectNothing(attack, await play(attack));
    },
  );

  it('generated combinations', { timeout: 900_000 }, async () => {
    const { most, seconds } = budget('attacks');
    const random = seeded(Number(process.env['WELD_ATTACK_SEED'] ?? 1));
    const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const end = performance.now() + seconds * 1000;
    let done = 0;
    for (; done < most && performance.now() < end; done++) {
      const attacks = Array.from({ length: 1 + Math.floor(random() * 5) }, () => any(names));
      const attack: Attack = { place: any<Place>(PLACES), guard: random() < 0.5 ? 'prevent' : 'notice', attacks };
      expectNothing(attack, await play(attack));
    }
    spent('attacks', done, 'combinations');
  });
});
