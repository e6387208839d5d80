import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { isolatedGit } from '../support/git';
import { bundle } from './bundle';
import type { Middle } from './iteration.loop';
import { LARGE, LOOSE, MANY_RUNS, RUNS, SMALL } from './iteration.repository';
import type { Operated, Small } from './iteration.small';
import type { Row } from './report';

/** The output of `iteration.measure.ts large`, in ms. */
interface Measured {
  /** Null if guests cannot be shut in. */
  readonly prevented: Middle | null;
  /** The same with many runs. */
  readonly beside: Middle | null;
  readonly noticed: Middle;
  readonly capture: number;
  readonly status: number;
  readonly look: number;
  /** Null without GNU find. */
  readonly find: number | null;
}

/** The output of `iteration.measure.ts programs`, in bytes and ms. */
interface Programs {
  readonly memory: { readonly small: number; readonly large: number };
  readonly supervisor: Readonly<Record<'direct' | 'supervised' | 'first', number>>;
}

/** Measures iterations in a repository of 50,000 files. Takes a minute or two on a quiet machine. */
export function iterationRows(): Row[] {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-bench-')));
  try {
    const measure = bundle('test/bench/iteration.measure.ts', 'iteration.measure.cjs');
    const supervisor = bundle('src/core/process/supervisor/main.ts', 'supervisor.cjs');
    // Separate processes: memory left by one would slow the starts of the other.
    const measured = (what: string): unknown => {
      const top = path.join(folder, what);
      fs.mkdirSync(top);
      const ran = spawnSync(process.execPath, [measure, what, top, supervisor], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...isolatedGit() },
      });
      if (ran.status !== 0) throw new Error(`measuring ${what} ended with ${ran.status ?? ran.signal ?? 'nothing'}`);
      return JSON.parse(ran.stdout);
    };
    return [
      ...rows(measured('large') as Measured),
      ...smallRows(measured('small') as Small | null),
      ...programRows(measured('programs') as Programs),
    ];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function rows({ prevented, beside, noticed, capture, status, look, find }: Measured): Row[] {
  const of = (who: string, { own, least, needed }: Middle): Row[] => [
    {
      what:
        `an iteration, ${LARGE.files} files with ${LARGE.changed} changed, guests ${who}: Weld's own time / the bare git ` +
        'commands that it needs',
      ours: own,
      reference: needed,
      unit: 'ms',
      limit: 1.3,
    },
    { what: 'the same iteration / the least that any tool needs of git', ours: own, reference: least, unit: 'ms' },
  ];
  if (!prevented || !beside) console.log('Guests cannot be shut in here, so that nothing is measured of it.');
  return [
    ...(prevented ? of('shut in', prevented) : []),
    ...(prevented && beside
      ? [
          {
            what:
              `the same iteration beside ${RUNS} runs, the refs of ${LOOSE} not packed / beside none, at the ` +
              'speed that the least had meanwhile',
            ours: (beside.own * prevented.least) / beside.least,
            reference: prevented.own,
            unit: 'ms',
            limit: 1.2,
          },
        ]
      : []),
    ...of('only noticed', noticed),
    ...(find === null
      ? []
      : [
          {
            what: `without prevention, a look at ${RUNS} runs / find -printf`,
            ours: look,
            reference: find,
            unit: 'ms',
            limit: 5,
          },
        ]),
    {
      what: `capture of ${LARGE.files} unchanged files / git status`,
      ours: capture,
      reference: status,
      unit: 'ms',
      limit: 1.5,
    },
  ];
}

function smallRows(measured: Small | null): Row[] {
  if (!measured) return [];
  const { alone, beside, besideMany, restore, commit } = measured;
  const among = (runs: number, { own, least }: Middle, limit: number): Row => ({
    what:
      `an iteration, ${SMALL.files} files with ${SMALL.changed} changed, with ${runs} runs, the refs of ${LOOSE} not ` +
      'packed / with none, at the speed that the least had meanwhile',
    ours: (own * alone.least) / least,
    reference: alone.own,
    unit: 'ms',
    limit,
  });
  const operation = (what: string, { own, least, starts, leastStarts }: Operated): Row[] => [
    { what: `git starts of ${what} / those that any tool needs`, ours: starts, reference: leastStarts, unit: 'starts' },
    { what: `${what}, hooks and all / the git commands that any tool needs`, ours: own, reference: least, unit: 'ms' },
  ];
  return [
    {
      what:
        `an iteration, ${SMALL.files} files with ${SMALL.changed} changed, guests shut in: Weld's own time / the git ` +
        'commands that any tool needs',
      ours: alone.own,
      reference: alone.least,
      unit: 'ms',
      limit: 1.3,
    },
    among(RUNS, beside, 1.2),
    among(MANY_RUNS, besideMany, 1.5),
    ...operation('a restore', restore),
    ...operation('a commit', commit),
  ];
}

function programRows({ memory, supervisor }: Programs): Row[] {
  const megabytes = (bytes: number): number => bytes / 1e6;
  return [
    // At least 32 MB, because a ratio of two noises says nothing; 200 MB are streamed.
    {
      what: 'memory while an agent streams 200 MB / 20 MB',
      ours: Math.max(32, megabytes(memory.large)),
      reference: Math.max(32, megabytes(memory.small)),
      unit: 'MB',
      limit: 1.5,
    },
    {
      what: 'a supervised program that does nothing, after another guest / the same started directly',
      ours: supervisor.supervised,
      reference: supervisor.direct,
      unit: 'ms',
      limit: 3,
    },
    {
      what: 'the first one of an operation, for which no supervisor waits / the same started directly',
      ours: supervisor.first,
      reference: supervisor.direct,
      unit: 'ms',
    },
  ];
}
