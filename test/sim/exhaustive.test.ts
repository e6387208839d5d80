import { describe, expect, it } from 'vitest';
import { explore } from './explore';
import { freeClaims, weld } from './weld';
import type { Stage } from './world';

/** Claims kept, two of them still wearing a second name, and the face: more would be growth without bound. */
const MAX_NAMES = 24;
const MAX_STATES = 3_000_000;

interface Scenario {
  readonly title: string;
  readonly scripts: readonly (readonly Stage[])[];
  /** Free claims that are there before. */
  readonly claims?: number;
}

const scenarios: readonly Scenario[] = [
  { title: 'acquire and release against the same', scripts: [['acquire', 'release'], ['acquire', 'release']] },
  { title: 'heartbeat against take-over', scripts: [['acquire', 'beat'], ['show', 'takeOver']] },
  { title: 'release against take-over', scripts: [['acquire', 'release'], ['show', 'takeOver']] },
  { title: 'rm active.lock at any point', scripts: [['acquire', 'assert'], ['acquire'], ['rm']] },
  { title: 'a foreign record at any point', scripts: [['acquire', 'release', 'acquire'], ['stranger'], ['rm']] },
  { title: 'collection of old claims against acquisition', scripts: [['acquire', 'release'], ['acquire']], claims: 18 },
];

/** Minutes rather than seconds: `WELD_SIM=deep npm run test:lock-sim`. */
const deep: readonly Scenario[] = [
  { title: 'deep: twice against once', scripts: [['acquire', 'assert', 'release'], ['acquire', 'assert', 'release', 'acquire', 'release']] },
  { title: 'deep: heartbeat and release against take-over', scripts: [['acquire', 'beat', 'release'], ['show', 'takeOver', 'assert', 'release']] },
];

describe('two contenders, every order of their file calls, a kill possible before each', () => {
  it.each(process.env['WELD_SIM'] === 'deep' ? [...scenarios, ...deep] : scenarios)('$title', { timeout: 600_000 }, ({ title, scripts, claims = 0 }) => {
    const { states, failure } = explore(weld, scripts, { maxNames: MAX_NAMES, maxStates: MAX_STATES, prepare: (fs) => { freeClaims(fs, claims); } });
    console.log(`${title}: ${states} distinct states`);
    expect(failure?.what, failure?.schedule.join('\n')).toBeUndefined();
    expect(states).toBeGreaterThan(1000);
  });
});
