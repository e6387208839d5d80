import type { FileCall } from '../../src/core/lock/program';
import type { Stage } from './actor';
import type { Design } from './design';
import { Violation, World } from './world';

/** A small seeded generator (mulberry32), so that a failing schedule can be repeated from its number. */
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

/** Chooses who makes the next call; skips actors that cannot. */
type Order = <H>(world: World<H>, current: number) => number;

/** Several whole turns of one actor while the others sleep, or of all at once. */
export function bursts(random: () => number): Order {
  const restless = random() < 0.5 ? 0.2 : 0.03;
  return (world, current) =>
    !world.canRun(current) || random() < restless ? Math.floor(random() * world.size) : current;
}

const GATHER: readonly FileCall['call'][] = [
  'link',
  'unlink',
  'rename',
  'write',
  'createNew',
  'is',
  'exists',
  'lstat',
  'openRead',
  'read',
  'highestClaim',
  'list',
];

/** All actors sleep before a call of the same kind, and wake in turn, with equally old knowledge. */
export function gathering(random: () => number): Order {
  const any = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  let kind = any(GATHER);
  return (world, current) => {
    const awake = (index: number): boolean => world.canRun(index) && world.nextCall(index) !== kind;
    if (awake(current)) return current;
    const all = Array.from({ length: world.size }, (_, index) => index).filter((index) => world.canRun(index));
    const others = all.filter(awake);
    if (others.length === 0 && random() < 0.2) kind = any(GATHER);
    return any(others.length > 0 ? others : all) ?? current;
  };
}

export interface SampleOptions {
  readonly schedules: number;
  readonly firstSeed: number;
  /** As in `ExploreOptions`. */
  readonly maxNames?: number;
  /** Default `bursts`. */
  readonly order?: (random: () => number) => Order;
  /** Maximum wall time in seconds; at least one schedule is played. */
  readonly seconds?: number;
}

/** Plays one schedule, with occasional kills. @param quiet keeps no trace; only reports violations */
export function playSeed<H>(
  design: Design<H>,
  scriptsOf: (random: () => number) => readonly (readonly Stage[])[],
  seed: number,
  { maxNames, order = bursts }: Pick<SampleOptions, 'maxNames' | 'order'> = {},
  quiet = false,
): { calls: number; what: string | null; schedule: string[] } {
  const random = seeded(seed);
  const world = World.of(design, scriptsOf(random));
  const schedule: string[] = [];
  let calls = 0;
  let current = 0;
  const next = order(random);
  world.quiet = quiet;
  try {
    while (!world.idle) {
      current = next(world, current);
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

export function sample<H>(
  design: Design<H>,
  scriptsOf: (random: () => number) => readonly (readonly Stage[])[],
  options: SampleOptions,
): Sampled {
  let calls = 0;
  const end = performance.now() + (options.seconds ?? Infinity) * 1000;
  for (let n = 0; n < options.schedules; n++) {
    if (n > 0 && performance.now() > end) return { schedules: n, calls, failure: null };
    const seed = options.firstSeed + n;
    const played = playSeed(design, scriptsOf, seed, options, true);
    calls += played.calls;
    if (played.what === null) continue;
    const again = playSeed(design, scriptsOf, seed, options);
    return { schedules: n + 1, calls, failure: { seed, what: played.what, schedule: again.schedule } };
  }
  return { schedules: options.schedules, calls, failure: null };
}
