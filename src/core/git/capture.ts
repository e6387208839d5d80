import * as path from 'node:path';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import type { RunLock } from '../lock/runLock';
import type { Guests } from '../process/ports';
import type { Filters } from './filters';
import type { CapturedTree, Oid } from './git';
import {
  copyIndex,
  type IndexStamp,
  indexEntries,
  makePrivateIndex,
  privateIndex,
  seeEverything,
  stampOf,
} from './privateIndex';
import { Rules } from './rules';
import type { GitRunner } from './runGit';
import { CLOCK_STEP_MS } from './statFingerprint';
import { look, type StatusEntry } from './status';
import { changedSubmodules, SUBMODULE } from './treeEntries';
import { bringIn, intakeOf } from './updateIndex';

/** A private index, and what has been done to it since it was a copy of the person's. */
interface Held {
  readonly index: string;
  readonly of: IndexStamp;
  readonly include: string;
  readonly submodules: readonly string[];
  /** Files in it that the person does not track. */
  readonly ours: Set<string>;
  /** Files of theirs that it may lack or have resolved: found as untracked, they are not. */
  readonly theirs: Set<string>;
  /** The tree it was last written as. */
  tree: Oid | undefined;
}

/** One that the next capture may build upon, so that it needs to look only at what changed since. */
interface Warm extends Held {
  /**
   * What decided about the files that it has and the person's index has not, and wall-clock ms before git last went by
   * it.
   */
  readonly rules: string;
  readonly since: number;
}

export interface CaptureOptions {
  readonly include?: readonly string[];
  readonly signal?: AbortSignal;
}

interface Wish {
  readonly include: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

interface Built extends CapturedTree {
  readonly submodules: readonly string[];
}

/**
 * Writes the work tree as a tree object through an index of its own. It is kept from one capture to the next only where
 * it
 * makes no difference: a capture is what another process, which has none, would have captured.
 */
export class TreeCapture {
  private warm: Warm | undefined;
  private readonly rules: Rules;
  /** What git ignored at the last capture. */
  ignored: readonly string[] | undefined;

  /** @param gitDir where the person's index is */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
    private readonly guests: Guests,
    private readonly filters: Filters,
  ) {
    this.rules = new Rules(git, gitDir);
  }

  async capture(lock: RunLock, options: CaptureOptions = {}): Promise<CapturedTree> {
    lock.assertHeld();
    const index = await makePrivateIndex(this.gitDir, lock, 'capture');
    const wish = { include: new Set(options.include ?? []), signal: options.signal };
    const work = { guests: this.guests, lock, signal: options.signal };
    const { tree, leftOut, submodules } = await this.filters.beside({ ...work, index }, (git) =>
      this.captureBeside(git, lock, wish),
    );
    const changed = await changedSubmodules(this.git, work, submodules);
    return {
      tree,
      leftOut: [...leftOut, ...changed.map((file) => ({ path: file, why: 'submodule changed' as const }))],
    };
  }

  private async captureBeside(git: GitRunner, lock: RunLock, wish: Wish): Promise<Built> {
    const found = this.warm;
    this.warm = undefined; // whatever throws from here on leaves nothing to build upon
    const again =
      found && (await this.fits(found, lock, wish)) ? await this.build(git, lock, found, wish, found) : null;
    return again ?? (await this.build(git, lock, await this.seed(lock, wish), wish, null));
  }

  private build(git: GitRunner, lock: RunLock, held: Held, wish: Wish, warm: null): Promise<Built>;
  private build(git: GitRunner, lock: RunLock, held: Held, wish: Wish, warm: Warm | null): Promise<Built | null>;
  /** @returns null when a kept index cannot tell what a fresh one would */
  private async build(
    git: GitRunner,
    lock: RunLock,
    held: Held,
    { include, signal }: Wish,
    warm: Warm | null,
  ): Promise<Built | null> {
    const { index, ours, theirs } = held;
    const fresh = warm === null;
    const since = Date.now() - CLOCK_STEP_MS;
    // While git looks at all files there is time for the few that it goes by.
    const [{ status, closed, ignored }, stands] = await Promise.all([
      look(git, { index, signal }, true),
      fresh || this.stands(warm),
    ]);
    if (!stands) return null;
    this.ignored = ignored;
    if (!fresh && status.some((entry) => entry.unstaged === '?' && theirs.has(entry.path))) return null;
    const intake = await intakeOf(this.git.cwd, status, { include, ours });
    if (!fresh && intake.stuck.length > 0) return null;
    lock.assertHeld();
    const refused = await bringIn(git, index, intake, signal);
    if (!fresh && refused.length > 0) return null;
    const taken = new Set(intake.take);
    const known = ours.size + theirs.size;
    for (const { path: file, unstaged } of status) {
      if (unstaged !== '?' && !ours.has(file)) theirs.add(file);
      else if (taken.has(file)) ours.add(file);
    }
    for (const gone of intake.drop) ours.delete(gone);
    if (intake.take.length > 0 || intake.drop.length > 0) held.tree = undefined;
    // For the same files the same rules were read while git looked.
    const same = !fresh && intake.drop.length === 0 && ours.size + theirs.size === known;
    const [tree, rules] = await Promise.all([
      held.tree ?? this.git.text(['write-tree'], { index, signal }),
      same ? { digest: warm.rules, lasting: true } : this.rules.read([...ours, ...theirs], since),
    ]);
    held.tree = tree;
    const complete =
      intake.stuck.length === 0 && refused.length === 0 && !status.some((entry) => losesRules(entry, held.submodules));
    if (rules.lasting && complete) this.warm = { ...held, rules: rules.digest, since };
    return { tree, leftOut: [...intake.leftOut, ...refused, ...closed], submodules: held.submodules };
  }

  /**
   * The private index is good as long as nobody changed what is tracked, what is wanted, or (`stands`) what is ignored
   * or converted.
   */
  private async fits(warm: Warm, lock: RunLock, { include }: Wish): Promise<boolean> {
    return (
      warm.index === privateIndex(this.gitDir, lock, 'capture') &&
      warm.include === keyOf(include) &&
      warm.of === (await stampOf(this.userIndex)) &&
      (await stampOf(warm.index)) !== ''
    );
  }

  /**
   * A rule that changed since git last went by it counts also where it reads as before: it may have been another in
   * between.
   */
  private async stands({ ours, theirs, rules, since }: Warm): Promise<boolean> {
    const now = await this.rules.read([...ours, ...theirs], since);
    return now.lasting && now.digest === rules;
  }

  private async seed(lock: RunLock, { include }: Wish): Promise<Held> {
    const index = privateIndex(this.gitDir, lock, 'capture');
    const of = await stampOf(this.userIndex);
    await copyIndex(lock, this.userIndex, index);
    const all = await indexEntries(this.git, index);
    const ignoreCase = ignoresCase(this.git.cwd);
    const welds = all.filter((entry) => isWeldPath(entry.path, ignoreCase)); // a team may track some
    await bringIn(this.git, index, { take: [], drop: [...new Set(welds.map((entry) => entry.path))] });
    const entries = welds.length === 0 ? all : all.filter((entry) => !welds.includes(entry));
    await seeEverything(this.git, index, entries);
    const submodules = entries.filter(({ mode }) => mode === SUBMODULE).map((entry) => entry.path);
    return { index, of, include: keyOf(include), submodules, ours: new Set(), theirs: new Set(), tree: undefined };
  }

  private get userIndex(): string {
    return path.join(this.gitDir, 'index');
  }
}

/**
 * Where the work tree lacks a file of rules or the folder of a submodule, git follows the index, and ours lacks it from
 * now on.
 */
function losesRules({ path: file, unstaged }: StatusEntry, submodules: readonly string[]): boolean {
  if (unstaged === ' ' || unstaged === '?' || unstaged === 'M') return false;
  return path.posix.basename(file) === '.gitattributes' || submodules.includes(file);
}

const keyOf = (include: ReadonlySet<string>): string => [...include].sort().join('\0');
