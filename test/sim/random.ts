import type { Design } from './design';
import type { Stage } from './actor';
import { Violation, World } from './world';

/** A small generator with a seed of its own, so that a failing schedule plays again from its number alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Sampled {
  readonly schedules: number;
  readonly calls: number;
  readonly failure: { readonly seed: number; readonly what: string; readonly schedule: readonly string[] } | null;
}

/** Plays one schedule: bursts of one actor, long suspensions of the others, a kill now and then. */
export function playSeed<H>(design: Design<H>, scriptsOf: (random: () => number) => readonly (readonly Stage[])[], seed: number, maxNames?: number, quiet = false): { calls: number; what: string | null; schedule: string[] } {
  const random = seeded(seed);
  const world = World.of(design, scriptsOf(random));
  const schedule: string[] = [];
  let calls = 0;
  let current = 0;
  // Whole turns of one past the others, who sleep, or all of them at once.
  const restless = random() < 0.5 ? 0.2 : 0.03;
  world.quiet = quiet;
  try {
    while (!world.idle) {
      if (!world.canRun(current) || random() < restless) current = Math.floor(random() * world.size);
      if (!world.canRun(current)) continue;
      const said = random() < 0.005 ? world.crash(current) : world.step(current);
      calls += 1;
      if (!quiet) schedule.push(said);
    }
    if (maxNames !== undefined) world.newcomerGetsOn(maxNames);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { calls, what: error.message, schedule: [...schedule, ...(quiet ? [] : error.calls)] };
  }
  return { calls, what: null, schedule };
}

export function sample<H>(design: Design<H>, scriptsOf: (random: () => number) => readonly (readonly Stage[])[], options: { readonly schedules: number; readonly firstSeed: number; /** As in `explore`. */ readonly maxNames?: number }): Sampled {
  let calls = 0;
  for (let n = 0; n < options.schedules; n++) {
    const seed = options.firstSeed + n;
    const played = playSeed(design, scriptsOf, seed, options.maxNames, true);
    calls += played.calls;
    if (played.what === null) continue;
    const again = playSeed(design, scriptsOf, seed, options.maxNames);
    return { schedules: n + 1, calls, failure: { seed, what: played.what, schedule: again.schedule } };
  }
  return { schedules: options.schedules, calls, failure: null };
}
