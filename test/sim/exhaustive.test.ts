import { describe, expect, it } from 'vitest';
import { explore } from './explore';
import { freeClaims, weldKeeping } from './weld';
import type { Stage } from './actor';

/** Two claims are kept, so that collection is never far; with their second names and what one crash leaves, more would be growth without bound. */
const KEEP = 2;
const MAX_NAMES = 10;
const MAX_STATES = 5_000_000;
const deep = process.env['WELD_SIM'] === 'deep';

interface Scenario {
  readonly title: string;
  readonly scripts: readonly (readonly Stage[])[];
  /** Free claims that are there before; none: an empty folder. */
  readonly claims: number;
  /** Minutes rather than seconds: `WELD_SIM=deep npm run test:lock-sim`. */
  readonly deep?: boolean;
}

const scenarios: readonly Scenario[] = [
  { title: 'acquire and release against the same, in an empty folder', scripts: [['acquire', 'release'], ['acquire', 'release']], claims: 0, deep: true },
  { title: 'acquire in an empty folder', scripts: [['acquire'], ['acquire']], claims: 0 },
  { title: 'acquire and release, twice each, the second time by its own last claim', scripts: [['acquire', 'release', 'acquire', 'release'], ['acquire', 'release', 'acquire', 'release']], claims: 2, deep: true },
  { title: 'acquire and release, twice against once', scripts: [['acquire', 'release', 'acquire'], ['acquire', 'release']], claims: 2 },
  { title: 'heartbeat against take-over', scripts: [['acquire', 'beat'], ['show', 'takeOver']], claims: 2 },
  { title: 'heartbeat and release against take-over and its own release', scripts: [['acquire', 'beat', 'release'], ['show', 'takeOver', 'assert', 'release']], claims: 2, deep: true },
  { title: 'release against take-over', scripts: [['acquire', 'release'], ['show', 'takeOver', 'assert']], claims: 2 },
  { title: 'rm active.lock at any point', scripts: [['acquire', 'assert', 'release'], ['acquire'], ['rm']], claims: 2, deep: true },
  { title: 'rm active.lock at any point, holder and contender', scripts: [['acquire', 'assert'], ['acquire'], ['rm']], claims: 2 },
  { title: "a dead stranger's record at any point", scripts: [['acquire', 'assert'], ['strangerDead']], claims: 2 },
  { title: "a live stranger's record at any point, half of it at first", scripts: [['acquire', 'assert'], ['strangerLive']], claims: 2 },
  { title: "a live stranger's record renamed over any other", scripts: [['acquire', 'assert'], ['strangerOver']], claims: 2 },
  { title: 'the command-line Weld, which unlinks what it takes for dead', scripts: [['acquire', 'assert'], ['cli']], claims: 2 },
  { title: 'the claims vanish at any point', scripts: [['acquire', 'assert'], ['rmLog']], claims: 2 },
  { title: "a dead stranger's record at any point, two contenders", scripts: [['acquire', 'assert'], ['acquire'], ['strangerDead']], claims: 2, deep: true },
  { title: "a live stranger's record at any point, two contenders", scripts: [['acquire', 'assert'], ['acquire'], ['strangerLive']], claims: 2, deep: true },
  { title: "a live stranger's record renamed over any other, two contenders", scripts: [['acquire', 'assert'], ['acquire'], ['strangerOver']], claims: 2, deep: true },
  { title: 'the command-line Weld, two contenders', scripts: [['acquire', 'assert'], ['acquire'], ['cli']], claims: 2, deep: true },
  { title: 'the claims vanish at any point, two contenders', scripts: [['acquire', 'assert'], ['acquire'], ['rmLog']], claims: 2, deep: true },
  { title: 'collection of old claims against acquisition', scripts: [['acquire', 'release'], ['acquire']], claims: 5 },
];

describe('two contenders, every order of their file calls, a kill or an endless suspension possible before each', () => {
  it.each(scenarios.filter((one) => deep || one.deep !== true))('$title', { timeout: 3_600_000 }, ({ title, scripts, claims }) => {
    const { states, failure } = explore(weldKeeping(KEEP), scripts, { maxNames: MAX_NAMES, maxStates: MAX_STATES, prepare: (fs) => { freeClaims(fs, claims); } });
    console.log(`${title}: ${states} distinct states`);
    expect(failure?.what, failure?.schedule.join('\n')).toBeUndefined();
    expect(states).toBeGreaterThan(250);
  });
});
