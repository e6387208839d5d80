import { expect, it } from 'vitest';
import { budget, spent } from '../support/budget';
import { bursts, gathering, sample } from './random';
import { weldKeeping } from './weld';
import type { Stage } from './actor';

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

/** `WELD_SIM_SCHEDULES=10000000` for the long search, `WELD_SIM_SEED=<n>` with `WELD_SIM_SCHEDULES=1` to see one again, `-- -t gathering` for one kind. */
const asked = process.env['WELD_SIM_SCHEDULES'];
/** A person who asks for a number gets it, however long it takes. */
const { most: schedules, seconds } = asked === undefined ? budget('schedules') : { most: Number(asked), seconds: Infinity };
const firstSeed = Number(process.env['WELD_SIM_SEED'] ?? 1);

it.each([['bursts', bursts], ['gathering', gathering]] as const)(`%s of three and four contenders, ${schedules} random schedules from seed ${firstSeed}`, { timeout: 24 * 3_600_000 }, (name, order) => {
  const pick = (random: () => number): readonly Stage[] => scripts[Math.floor(random() * scripts.length)] ?? ['acquire'];
  const sampled = sample(weldKeeping(2), (random) => Array.from({ length: random() < 0.5 ? 3 : 4 }, () => pick(random)), { schedules, seconds, firstSeed, maxNames: 10, order });
  console.log(`${name}: ${sampled.schedules} schedules, ${sampled.calls} file calls`);
  if (asked === undefined) spent('schedules', sampled.schedules, `schedules (${name})`);
  const { failure } = sampled;
  expect(failure, failure ? `seed ${failure.seed}: ${failure.what}\n${failure.schedule.join('\n')}` : '').toBeNull();
});
