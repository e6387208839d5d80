import { expect, it } from 'vitest';
import { budget, spent } from '../support/budget';
import type { Stage } from './actor';
import { bursts, gathering, sample } from './random';
import { weldKeeping } from './weld';

const scripts: readonly (readonly Stage[])[] = [
  ['acquire', 'assert', 'release', 'acquire', 'release'],
  ['acquire', 'release', 'acquire', 'release', 'acquire', 'release', 'acquire', 'assert', 'release'],
  ['acquire', 'beat', 'assert', 'release'],
  ['show', 'takeOver', 'assert', 'beat', 'release'],
  ['acquire', 'release', 'show', 'takeOver', 'release'],
  ['rm', 'acquire', 'release', 'rm'],
  ['strangerDead', 'acquire', 'assert', 'release'],
  ['cli', 'acquire', 'assert', 'release', 'strangerLive'],
  ['rm', 'strangerOver', 'acquire'],
];

/** The whole lock is removed under its holder. Claim numbers start again, so these schedules are judged separately. */
const removed: readonly (readonly Stage[])[] = [
  ['acquire', 'assert', 'release'],
  ['acquire', 'beat', 'assert', 'release'],
  ['show', 'takeOver', 'assert', 'release'],
];
const cleanUps: readonly (readonly Stage[])[] = [
  ['rm', 'rmLog'],
  ['rmLog', 'rm'],
];

/**
 * `WELD_SIM_SCHEDULES=10000000` for the long search, `WELD_SIM_SEED=<n>` with `WELD_SIM_SCHEDULES=1` to repeat one, `--
 * -t gathering` for one kind.
 */
const asked = process.env['WELD_SIM_SCHEDULES'];
/** An explicit number has no time limit. */
const { most: schedules, seconds } =
  asked === undefined ? budget('schedules') : { most: Number(asked), seconds: Infinity };
const firstSeed = Number(process.env['WELD_SIM_SEED'] ?? 1);

const kinds = [
  { name: 'bursts', order: bursts, of: [scripts, scripts, scripts, scripts] },
  { name: 'gathering', order: gathering, of: [scripts, scripts, scripts, scripts] },
  { name: 'removal', order: bursts, of: [removed.slice(0, 2), cleanUps, removed, removed] },
] as const;

it.each(kinds)(
  `$name of three and four contenders, ${schedules} random schedules from seed ${firstSeed}`,
  { timeout: 24 * 3_600_000 },
  ({ name, order, of }) => {
    const pick = (random: () => number, from: readonly (readonly Stage[])[]): readonly Stage[] =>
      from[Math.floor(random() * from.length)] ?? ['acquire'];
    const scriptsOf = (random: () => number): (readonly Stage[])[] =>
      of.slice(0, random() < 0.5 ? 3 : 4).map((from) => pick(random, from));
    const sampled = sample(weldKeeping(2), scriptsOf, { schedules, seconds, firstSeed, maxNames: 10, order });
    console.log(`${name}: ${sampled.schedules} schedules, ${sampled.calls} file calls`);
    if (asked === undefined) spent('schedules', sampled.schedules, `schedules (${name})`);
    const { failure } = sampled;
    expect(failure, failure ? `seed ${failure.seed}: ${failure.what}\n${failure.schedule.join('\n')}` : '').toBeNull();
  },
);
