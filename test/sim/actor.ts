import type { FileCall, Program } from '../../src/core/lock/program';
import { intern } from './intern';

/**
 * `rm` removes `active.lock`, `rmLog` the folder of claims; `stranger…` and `cli` put records there that are not ours:
 * all somebody else's doing.
 */
export type Stage = 'acquire' | 'assert' | 'beat' | 'release' | 'show' | 'takeOver' | 'rm' | 'rmLog' | Stranger;
/** A dead process's record, a live one's, one renamed over whatever is there, the command-line Weld's whole rule. */
export type Stranger = 'strangerDead' | 'strangerLive' | 'strangerOver' | 'cli';

/** What a program was told since its stage began; telling it again brings a copy to the same place. */
export type Heard = { readonly result: unknown } | { readonly error: unknown } | { readonly lives: boolean };

export interface Actor<H> {
  readonly pid: number;
  readonly script: readonly Stage[];
  at: number;
  attempts: number;
  acquisitions: number;
  /** Where its acquisition stands among all, for designs that count no epochs. */
  ordinal: number;
  held: H | null;
  /** What it released last: the descriptor is still open. */
  last: H | null;
  shown: string | null;
  /** The highest completed acquisition when this stage began. */
  highestAtStart: number;
  /** The same at its latest call that looked at anything: closing a descriptor tells nothing. */
  highestAtLook: number;
  /** The live foreign face that has stood there since this stage began; 0: none. */
  foreign: number;
  heard: Heard[];
  /** All that was heard, as one number. */
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

/** All of an actor that its further course depends on. */
export function actorKey<H>(one: Actor<H>): string {
  return one.crashed
    ? `x${one.at}`
    : `${one.at},${one.attempts},${one.acquisitions},${one.ordinal},${holding(one.held)},${holding(one.last)},${one.shown ?? ''},${one.trace},${one.highestAtStart},${one.highestAtLook},${one.foreign}`;
}

/** From its first file call on a release counts as given back: nothing is written under the lock after it. */
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

/** What somebody holds, as one number. */
function holding(held: unknown): number {
  return held === null ? 0 : intern(JSON.stringify(held, plain));
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
