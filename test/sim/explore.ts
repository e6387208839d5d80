import type { FileCall } from '../../src/core/lock/program';
import type { Stage } from './actor';
import type { Design } from './design';
import type { MemoryFs } from './memoryFs';
import { Violation, World } from './world';

export interface Explored {
  readonly states: number;
  /** Null if every reachable state was visited and none breaks a rule. */
  readonly failure: { readonly what: string; readonly schedule: readonly string[] } | null;
}

/**
 * Actors that move alone, in order: each until a number of its stages is done, or until just before its next call of a
 * kind.
 */
export type Prologue = readonly (readonly [actor: number, until: number | FileCall['call']])[];

export interface ExploreOptions {
  /** Maximum number of names after a newcomer's acquisition; if absent, no newcomer is tried. */
  readonly maxNames?: number;
  /** Maximum number of states, so that a test cannot run forever. */
  readonly maxStates: number;
  /** Creates files before any actor starts. */
  readonly prepare?: (fs: MemoryFs) => void;
  /** Steps before the actors run in any order; default none. */
  readonly prologue?: Prologue;
}

interface Node<H> {
  readonly world: World<H>;
  readonly from: Node<H> | null;
  readonly said: string;
}

/**
 * Visits every distinct state that the actors can reach in any order of their file calls, with a kill possible before
 * each.
 */
export function explore<H>(
  design: Design<H>,
  scripts: readonly (readonly Stage[])[],
  options: ExploreOptions,
): Explored {
  const seen = new Set<string>();
  const leftovers = new Set<string>();
  const first = World.of(design, scripts);
  options.prepare?.(first.fs);
  for (const [actor, until] of options.prologue ?? []) first.moveAlone(actor, until);
  const open: Node<H>[] = [{ world: first, from: null, said: '' }];
  for (let node = open.pop(); node; node = open.pop()) {
    for (let index = 0; index < node.world.size; index++) {
      if (!node.world.canRun(index)) continue;
      for (const act of ['step', 'crash'] as const) {
        const world = node.world.clone();
        let said = '';
        try {
          said = world[act](index);
          const id = world.key();
          if (seen.has(id)) continue;
          seen.add(id);
          // When all actors are dead, only the files matter, so each set of files is tried once.
          const left = world.fs.leftKey();
          if (options.maxNames !== undefined && !leftovers.has(left)) {
            leftovers.add(left);
            world.clone().newcomerGetsOn(options.maxNames);
          }
          const suspended = `${world.livingKey()}${left}`;
          if (options.maxNames !== undefined && !leftovers.has(suspended)) {
            leftovers.add(suspended);
            world.clone().newcomerDecides();
          }
        } catch (error) {
          if (!(error instanceof Violation)) throw error;
          return {
            states: seen.size,
            failure: {
              what: error.message,
              schedule: [...scheduleOf(node), ...(said === '' ? [] : [said]), ...error.calls],
            },
          };
        }
        if (seen.size > options.maxStates) throw new Error(`more than ${options.maxStates} states`);
        open.push({ world, from: node, said });
      }
    }
  }
  return { states: seen.size, failure: null };
}

function scheduleOf<H>(node: Node<H>): string[] {
  const schedule: string[] = [];
  for (let at: Node<H> | null = node; at?.from; at = at.from) schedule.unshift(at.said);
  return schedule;
}
