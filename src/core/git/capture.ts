import * as path from 'node:path';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import type { RunLock } from '../lock/runLock';
import type { Guests } from '../process/ports';
import { SUBMODULE } from './diff';
import type { Filters } from './filters';
import type { CapturedTree, Oid } from './git';
import {
  clearIndexFlags,
  copyIndex,
  type IndexStamp,
  indexEntries,
  makePrivateIndex,
  privateIndexPath,
  stampOf,
} from './privateIndex';
import { Rules } from './rules';
import type { GitRunner } from './runGit';
import { CLOCK_STEP_MS } from './statFingerprint';
import { fullStatus, type StatusEntry } from './status';
import { changedSubmodules } from './treeEntries';
import { type IndexUpdate, planIndexUpdate, updateIndex } from './updateIndex';

/** A private index, with the changes made to it since it was copied from the person's. */
interface PrivateIndex {
  readonly index: string;
  readonly indexStamp: IndexStamp;
  readonly include: string;
  readonly submodules: readonly string[];
  /** Files in the index that the person does not track. */
  readonly untracked: Set<string>;
  /** Tracked files that the index may lack; if git then reports one as untracked, the index must be made anew. */
  readonly tracked: Set<string>;
  /** The tree object last written from the index. */
  tree: Oid | undefined;
}

/** A private index that the next capture may reuse, so that it reads only files changed since. */
interface CachedIndex extends PrivateIndex {
  /**
   * Digest of the rules that decided about these files, and a wall-clock time in ms before git last applied the rules.
   */
  readonly rules: string;
  readonly since: number;
}

export interface CaptureOptions {
  readonly include?: readonly string[];
  readonly signal?: AbortSignal;
}

interface CaptureScope {
  readonly include: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

interface BuiltTree extends CapturedTree {
  readonly submodules: readonly string[];
}

/**
 * Writes the work tree as a tree object through a private index. A later capture reuses the index only if that makes no
 * difference: another process without the index would capture the same tree.
 */
export class TreeCapture {
  private cached: CachedIndex | undefined;
  private readonly rules: Rules;
  /** Paths that git ignored at the last capture. */
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
    const scope = { include: new Set(options.include ?? []), signal: options.signal };
    const work = { guests: this.guests, lock, signal: options.signal };
    const { tree, leftOut, submodules } = await this.filters.run({ ...work, index }, (git) =>
      this.captureWith(git, lock, scope),
    );
    const changed = await changedSubmodules(this.git, work, submodules);
    return {
      tree,
      leftOut: [...leftOut, ...changed.map((file) => ({ path: file, why: 'submodule changed' as const }))],
    };
  }

  private async captureWith(git: GitRunner, lock: RunLock, scope: CaptureScope): Promise<BuiltTree> {
    const found = this.cached;
    this.cached = undefined; // after an error there is nothing to reuse
    const again =
      found && (await this.isReusable(found, lock, scope)) ? await this.build(git, lock, found, scope, found) : null;
    return again ?? (await this.build(git, lock, await this.seed(lock, scope), scope, null));
  }

  private build(
    git: GitRunner,
    lock: RunLock,
    held: PrivateIndex,
    scope: CaptureScope,
    cached: null,
  ): Promise<BuiltTree>;
  private build(
    git: GitRunner,
    lock: RunLock,
    held: PrivateIndex,
    scope: CaptureScope,
    cached: CachedIndex | null,
  ): Promise<BuiltTree | null>;
  /** @returns null if the cached index might give another tree than a fresh one */
  private async build(
    git: GitRunner,
    lock: RunLock,
    held: PrivateIndex,
    { include, signal }: CaptureScope,
    cached: CachedIndex | null,
  ): Promise<BuiltTree | null> {
    const { index, untracked, tracked } = held;
    const fresh = cached === null;
    const since = Date.now() - CLOCK_STEP_MS;
    // While git reads all files, there is time to read the few files of rules.
    const [{ status, unreadable, ignored }, unchanged] = await Promise.all([
      fullStatus(git, { index, signal }, true),
      fresh || this.rulesUnchanged(cached),
    ]);
    if (!unchanged) return null;
    this.ignored = ignored;
    if (!fresh && status.some((entry) => entry.unstaged === '?' && tracked.has(entry.path))) return null;
    const update = await planIndexUpdate(this.git.cwd, status, { include, untracked });
    lock.assertHeld();
    const refused = await updateIndex(git, index, update, signal);
    const complete = update.unreadable.length === 0 && refused.length === 0;
    if (!fresh && !complete) return null;
    const sameFiles = noteFiles(held, status, update);
    const [tree, rules] = await Promise.all([
      held.tree ?? this.git.id(['write-tree'], { index, signal }),
      cached && sameFiles // the rules for these files were read while git looked
        ? { digest: cached.rules, reusable: true }
        : this.rules.read([...untracked, ...tracked], since),
    ]);
    held.tree = tree;
    if (rules.reusable && complete && !status.some((entry) => losesRules(entry, held.submodules)))
      this.cached = { ...held, rules: rules.digest, since };
    return { tree, leftOut: [...update.leftOut, ...refused, ...unreadable], submodules: held.submodules };
  }

  /**
   * Whether the tracked files and the wanted files are still the same. `rulesUnchanged` checks which are ignored or
   * converted.
   */
  private async isReusable(cached: CachedIndex, lock: RunLock, { include }: CaptureScope): Promise<boolean> {
    return (
      cached.index === privateIndexPath(this.gitDir, lock, 'capture') &&
      cached.include === keyOf(include) &&
      cached.indexStamp === (await stampOf(this.userIndex)) &&
      (await stampOf(cached.index)) !== ''
    );
  }

  /**
   * A rule written since git last applied it counts as changed even if its text is the same: it may have differed in
   * between.
   */
  private async rulesUnchanged({ untracked, tracked, rules, since }: CachedIndex): Promise<boolean> {
    const now = await this.rules.read([...untracked, ...tracked], since);
    return now.reusable && now.digest === rules;
  }

  private async seed(lock: RunLock, { include }: CaptureScope): Promise<PrivateIndex> {
    const index = privateIndexPath(this.gitDir, lock, 'capture');
    const indexStamp = await stampOf(this.userIndex);
    await copyIndex(lock, this.userIndex, index);
    const all = await indexEntries(this.git, index);
    const ignoreCase = ignoresCase(this.git.cwd);
    const welds = all.filter((entry) => isWeldPath(entry.path, ignoreCase)); // a team may track some
    await updateIndex(this.git, index, { add: [], remove: [...new Set(welds.map((entry) => entry.path))] });
    const entries = welds.length === 0 ? all : all.filter((entry) => !welds.includes(entry));
    await clearIndexFlags(this.git, index, entries);
    const submodules = entries.filter(({ mode }) => mode === SUBMODULE).map((entry) => entry.path);
    return {
      index,
      indexStamp,
      include: keyOf(include),
      submodules,
      untracked: new Set(),
      tracked: new Set(),
      tree: undefined,
    };
  }

  private get userIndex(): string {
    return path.join(this.gitDir, 'index');
  }
}

/** Records which files an updated index has beyond the person's own. @returns whether these are the same as before */
function noteFiles(
  held: PrivateIndex,
  status: readonly StatusEntry[],
  { add, remove }: Pick<IndexUpdate, 'add' | 'remove'>,
): boolean {
  const { untracked, tracked } = held;
  const before = untracked.size + tracked.size;
  const added = new Set(add);
  for (const { path: file, unstaged } of status) {
    if (unstaged !== '?' && !untracked.has(file)) tracked.add(file);
    else if (added.has(file)) untracked.add(file);
  }
  for (const gone of remove) untracked.delete(gone);
  if (add.length > 0 || remove.length > 0) held.tree = undefined;
  return remove.length === 0 && untracked.size + tracked.size === before;
}

/**
 * Whether the index loses rules with this file. If the work tree lacks a file of rules or the folder of a submodule,
 * git follows the index, and from now on this index lacks it too.
 */
function losesRules({ path: file, unstaged }: StatusEntry, submodules: readonly string[]): boolean {
  if (unstaged === ' ' || unstaged === '?' || unstaged === 'M') return false;
  return path.posix.basename(file) === '.gitattributes' || submodules.includes(file);
}

const keyOf = (include: ReadonlySet<string>): string => [...include].sort().join('\0');
