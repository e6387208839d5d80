import { describe, expect, it } from 'vitest';
import { deep } from '../support/deep';
import type { Stage } from './actor';
import { explore, type Prologue } from './explore';
import type { MemoryFs } from './memoryFs';
import { freeClaims, weldKeeping } from './weld';

/**
 * Two claims are kept, so that collection happens early. With their second names and the files left by a crash, more
 * than ten names would mean unbounded growth.
 */
const KEEP = 2;
const MAX_NAMES = 10;
const MAX_STATES = 5_000_000;
const deepest = process.env['WELD_SIM'] === 'deep';

interface Scenario {
  readonly title: string;
  readonly scripts: readonly (readonly Stage[])[];
  /** Number of released claims at the beginning; 0: an empty folder. */
  readonly claims: number;
  /** Steps before the actors run in any order. */
  readonly prologue?: Prologue;
  /** Number of claims that are not collected; default `KEEP`. */
  readonly keep?: number;
  /** A name that nobody can remove; all later claims stay with it. */
  readonly stuck?: string;
  /** Takes minutes: runs with `WELD_SIM=deep npm run test:lock-sim`. */
  readonly deep?: boolean;
  /** Takes a minute: runs in `npm run test:deep`. */
  readonly long?: boolean;
}

/** After two turns, the next one raises the oldest own claim. */
const turns = (count: number): Stage[] => Array.from({ length: count }, (): Stage[] => ['acquire', 'release']).flat();

const scenarios: readonly Scenario[] = [
  {
    title: 'acquire and release against the same, in an empty folder',
    scripts: [
      ['acquire', 'release'],
      ['acquire', 'release'],
    ],
    claims: 0,
    deep: true,
  },
  { title: 'acquire in an empty folder', scripts: [['acquire'], ['acquire']], claims: 0 },
  {
    title: 'acquire and release, twice each, the second time by its own last claim',
    scripts: [
      ['acquire', 'release', 'acquire', 'release'],
      ['acquire', 'release', 'acquire', 'release'],
    ],
    claims: 2,
    deep: true,
  },
  {
    title: 'acquire and release, twice against once',
    scripts: [
      ['acquire', 'release', 'acquire'],
      ['acquire', 'release'],
    ],
    claims: 2,
    long: true,
  },
  {
    title: 'heartbeat against take-over',
    scripts: [
      ['acquire', 'beat'],
      ['show', 'takeOver'],
    ],
    claims: 2,
  },
  {
    title: 'heartbeat and release against take-over and its own release',
    scripts: [
      ['acquire', 'beat', 'release'],
      ['show', 'takeOver', 'assert', 'release'],
    ],
    claims: 2,
    deep: true,
  },
  {
    title: 'release against take-over',
    scripts: [
      ['acquire', 'release'],
      ['show', 'takeOver', 'assert'],
    ],
    claims: 2,
  },
  {
    title: 'rm active.lock at any point',
    scripts: [['acquire', 'assert', 'release'], ['acquire'], ['rm']],
    claims: 2,
    deep: true,
  },
  {
    title: 'rm active.lock at any point, holder and contender',
    scripts: [['acquire', 'assert'], ['acquire'], ['rm']],
    claims: 2,
  },
  { title: "a dead stranger's record at any point", scripts: [['acquire', 'assert'], ['strangerDead']], claims: 2 },
  {
    title: "a live stranger's record at any point, half of it at first",
    scripts: [['acquire', 'assert'], ['strangerLive']],
    claims: 2,
  },
  {
    title: "a live stranger's record renamed over any other",
    scripts: [['acquire', 'assert'], ['strangerOver']],
    claims: 2,
  },
  {
    title: 'the command-line Weld, which unlinks what it takes for dead',
    scripts: [['acquire', 'assert'], ['cli']],
    claims: 2,
  },
  { title: 'the claims vanish at any point', scripts: [['acquire', 'assert'], ['rmLog']], claims: 2 },
  {
    title: 'all is removed, claims first',
    scripts: [
      ['acquire', 'assert', 'assert'],
      ['rmLog', 'rm'],
    ],
    claims: 2,
  },
  {
    title: 'all is removed and another comes',
    scripts: [['acquire', 'assert', 'assert'], ['acquire'], ['rm', 'rmLog']],
    claims: 1,
    deep: true,
  },
  {
    title: 'all is removed under a take-over',
    scripts: [
      ['acquire', 'assert', 'assert'],
      ['show', 'takeOver', 'assert'],
      ['rm', 'rmLog'],
    ],
    claims: 0,
    prologue: [
      [0, 1],
      [1, 1],
    ],
    deep: true,
  },
  {
    title: "a dead stranger's record at any point, two contenders",
    scripts: [['acquire', 'assert'], ['acquire'], ['strangerDead']],
    claims: 2,
    deep: true,
  },
  {
    title: "a live stranger's record at any point, two contenders",
    scripts: [['acquire', 'assert'], ['acquire'], ['strangerLive']],
    claims: 2,
    deep: true,
  },
  {
    title: "a live stranger's record renamed over any other, two contenders",
    scripts: [['acquire', 'assert'], ['acquire'], ['strangerOver']],
    claims: 2,
    deep: true,
  },
  {
    title: 'the command-line Weld, two contenders',
    scripts: [['acquire', 'assert'], ['acquire'], ['cli']],
    claims: 2,
    deep: true,
  },
  {
    title: 'the claims vanish at any point, two contenders',
    scripts: [['acquire', 'assert'], ['acquire'], ['rmLog']],
    claims: 2,
    deep: true,
  },
  {
    title: 'raised past a sleeper that judged the claim before',
    scripts: [
      [...turns(6), 'acquire', 'assert'],
      ['acquire', 'assert'],
    ],
    claims: 1,
    prologue: [[1, 'createNew']],
  },
  {
    title: 'raised past a sleeper that judged the last of them',
    scripts: [
      [...turns(6), 'acquire', 'assert'],
      ['acquire', 'assert'],
    ],
    claims: 2,
    prologue: [
      [0, 4],
      [1, 'createNew'],
    ],
  },
  {
    title: 'raised past a sleeper in reading active.lock',
    scripts: [[...turns(4), 'acquire', 'assert'], ['acquire']],
    claims: 2,
    prologue: [
      [0, 5],
      [1, 'read'],
    ],
  },
  {
    title: 'raised past two sleepers: one has judged, one has listed the first and not read it',
    scripts: [[...turns(5), 'acquire'], ['acquire'], ['acquire', 'assert']],
    claims: 1,
    prologue: [
      [1, 'createNew'],
      [0, 2],
      [2, 'openRead'],
      [0, 10],
    ],
    long: true,
  },
  {
    title: 'raised past the displaced holder',
    scripts: [
      ['acquire', 'assert'],
      ['show', 'takeOver', 'release', ...turns(6)],
    ],
    claims: 0,
    prologue: [[0, 1]],
    keep: 3,
    long: true,
  },
  {
    title: 'none raised past a claim that cannot be removed',
    scripts: [
      ['acquire', 'assert'],
      ['show', 'takeOver', 'release', ...turns(4)],
    ],
    claims: 0,
    prologue: [[0, 1]],
    keep: 3,
    stuck: '/w/lock/e-000000000001',
    long: true,
  },
  {
    title: 'raised against take-over',
    scripts: [
      [...turns(2), 'acquire', 'beat', 'release'],
      ['show', 'takeOver', 'assert'],
    ],
    claims: 2,
    prologue: [[0, 4]],
  },
  {
    title: 'raised, and rm active.lock at any point',
    scripts: [[...turns(2), 'acquire', 'assert', 'release'], ['acquire'], ['rm']],
    claims: 2,
    prologue: [[0, 4]],
    deep: true,
  },
  {
    title: "raised, and a live stranger's record renamed over any other",
    scripts: [[...turns(2), 'acquire', 'assert'], ['acquire'], ['strangerOver']],
    claims: 2,
    prologue: [[0, 4]],
    deep: true,
  },
  {
    title: 'raised, and the claims vanish at any point',
    scripts: [[...turns(3), 'acquire', 'assert'], ['acquire'], ['rmLog']],
    claims: 2,
    prologue: [[0, 4]],
    deep: true,
  },
  { title: 'collection of old claims against acquisition', scripts: [['acquire', 'release'], ['acquire']], claims: 5 },
];

describe('two contenders, every order of their file calls, with a kill or an endless suspension before each', () => {
  it.each(scenarios.filter((one) => (deepest || one.deep !== true) && (deep || deepest || one.long !== true)))(
    '$title',
    { timeout: 3_600_000 },
    ({ title, scripts, claims, prologue = [], keep = KEEP, stuck = '' }) => {
      const prepare = (fs: MemoryFs): void => {
        freeClaims(fs, claims);
        fs.stuck = stuck;
      };
      const { states, failure } = explore(weldKeeping(keep), scripts, {
        maxNames: stuck ? 2 * MAX_NAMES : MAX_NAMES,
        maxStates: MAX_STATES,
        prepare,
        prologue,
      });
      console.log(`${title}: ${states} distinct states`);
      expect(failure?.what, failure?.schedule.join('\n')).toBeUndefined();
      expect(states).toBeGreaterThan(250);
    },
  );
});
