import type { FileCall, Program } from '../../src/core/lock/program';
import { intern } from './intern';

/**
 * `rm` removes `active.lock`, `rmLog` the folder of claims; `stranger…` and `cli` write records that are not ours.
 * These four act as outsiders.
 */
export type Stage = 'acquire' | 'assert' | 'beat' | 'release' | 'show' | 'takeOver' | 'rm' | 'rmLog' | Stranger;
/**
 * A record of a dead process; of a live one; one renamed over any existing file; the whole rule of the command-line
 * Weld.
 */
export type Stranger = 'strangerDead' | 'strangerLive' | 'strangerOver' | 'cli';

/** The results that a program has received since its stage began; replaying them brings a copy to the same point. */
export type Heard = { readonly result: unknown } | { readonly error: unknown } | { readonly lives: boolean };

export interface Actor<H> {
  readonly pid: number;
  readonly script: readonly Stage[];
  at: number;
  attempts: number;
  acquisitions: number;
  /** The ordinal of its acquisition among all, for designs without epochs. */
  ordinal: number;
  held: H | null;
  /** What it released last; its descriptor is still open. */
  last: H | null;
  shown: string | null;
  /** The highest completed acquisition when this stage began. */
  highestAtStart: number;
  /** The same at its latest call that returned information; closing a descriptor does not. */
  highestAtLook: number;
  /** The live foreign face that has been there since this stage began; 0: none. */
  foreign: number;
  heard: Heard[];
  /** All results received, as one number. */
  trace: number;
  crashed: boolean;
  running: { readonly program: Program<unknown>; readonly held: H | null; pending: FileCall } | null;
}

export function newActor<H>(pid: number, script: readonly Stage[], attempts = 0): Actor<H> {
  return {
    pid,
    script,
    at: 0,
    attempts,
    acquisitions: 0,
    ordinal: 0,
    held: null,
    last: null,
    shown: null,
    highestAtStart: 0,
    highestAtLook: 0,
    foreign: 0,
    heard: [],
    trace: 0,
    crashed: false,
    running: null,
  };
}

/** Everything about an actor that affects its future. */
export function actorKey<H>(one: Actor<H>): string {
  return one.crashed
    ? `x${one.at}`
    : `${one.at},${one.attempts},${one.acquisitions},${one.ordinal},${holding(one.held)},${holding(one.last)},` +
        `${one.shown ?? ''},${one.trace},${one.highestAtStart},${one.highestAtLook},${one.foreign}`;
}

/** A release counts as released from its first file call: nothing is written under the lock after it. */
export function releasing<H>(actor: Actor<H>): boolean {
  return actor.script[actor.at] === 'release' && actor.heard.length > 0;
}

export function hear<H>(actor: Actor<H>, entry: Heard, quiet: boolean): void {
  actor.heard.push(entry);
  if (quiet) return;
  const told =
    'lives' in entry
      ? `l${entry.lives}`
      : 'error' in entry
        ? `e${(entry.error as { code?: string }).code ?? ''}`
        : JSON.stringify(entry.result ?? null, plain);
  actor.trace = intern(`${actor.trace}|${told}`);
}

/** What an actor holds, as one number. */
function holding(held: unknown): number {
  return held === null ? 0 : intern(JSON.stringify(held, plain));
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
