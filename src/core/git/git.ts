import type { Oid } from '../artifacts/schemas';
import type { RunLock } from '../lock/runLock';
import type { GuardReport } from '../process/ports';
import { showName } from './names';
import type { RefList } from './refList';

export type { Oid };

export interface HeadInfo {
  /** Null in a repository without commits. */
  readonly sha: Oid | null;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
}

/**
 * What stays out of a captured tree, and why. `large`, `secret`: untracked, until the person says otherwise. Others
 * cannot be
 * in a tree: of what stands in a repository of its own (`nested repository`, `submodule changed`: a folder) there are
 * only its
 * commits; the rest git cannot read or refuses to convert, and a tree has what the index has of it.
 */
export interface LeftOut {
  readonly path: string;
  readonly why:
    | 'large'
    | 'secret'
    | 'nested repository'
    | 'submodule changed'
    | 'unreadable'
    | 'not a file'
    | 'refused by git';
}

/** Left-out files for a person: what and why. */
export function leftOutLine(leftOut: readonly LeftOut[]): string {
  return `left out ${leftOut
    .map((file) => `${showName(file.path)} (${file.why})`)
    .slice(0, 5)
    .join(', ')}`;
}

/**
 * Left-out files by name, as operations return them: no field when there are none. To include one, the person adds it
 * to git.
 */
export function leftOutPaths(leftOut: readonly { readonly path: string }[]): { readonly leftOut?: readonly string[] } {
  return leftOut.length === 0 ? {} : { leftOut: leftOut.map((file) => file.path) };
}

export interface CapturedTree {
  readonly tree: Oid;
  readonly leftOut: readonly LeftOut[];
}

export interface ChangedFile {
  /** Relative to the repository's top, forward slashes. */
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'type-changed';
}

/**
 * One side of a changed file: its text, that there is no such file, or that it was not read (not asked for, binary,
 * over 2 MB, a link, a submodule).
 */
export type TextSide =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unread' };

/** A changed file with its objects, and the texts that were asked for. */
export interface ChangedText {
  /** Relative to the repository's top, forward slashes. */
  readonly path: string;
  readonly before: TextSide;
  readonly after: TextSide;
  /** Null where there is no such file. */
  readonly beforeId: Oid | null;
  readonly afterId: Oid | null;
}

export interface Trailer {
  readonly key: string;
  readonly value: string;
}

/** What a step changed: from the tree it began with to the one that passed. */
export interface PassedTrees {
  readonly base: Oid;
  readonly tree: Oid;
}

/** What a tree or an index has at a path; null where it has nothing. */
export interface TreeEntry {
  readonly mode: string;
  readonly oid: Oid;
}

/** A path, relative to the top, and what is to stand there. */
export interface PathEntry {
  readonly path: string;
  readonly entry: TreeEntry | null;
}

/** A file of the chosen steps that cannot be committed as it was reviewed. */
export interface NotAsReviewed {
  readonly path: string;
  /** `overlaps`: HEAD and the step changed the same; `merged`: HEAD has more in it than what was reviewed. */
  readonly why: 'overlaps' | 'merged';
}

export interface MergedSteps {
  /** What differs from HEAD and is to be committed. */
  readonly entries: readonly PathEntry[];
  readonly notAsReviewed: readonly NotAsReviewed[];
}

/** What `mergeSteps` found, for the HEAD that it was merged onto. */
export interface MergedOnto extends Pick<MergedSteps, 'entries'> {
  readonly onto: Oid | null;
}

export interface CommitRequest {
  readonly message: string;
  /**
   * `staged`: the index as it stands; `all`: every change; or the chosen paths, relative to the top; or entries from
   * git's
   * objects alone. Never `.weld`, unless a merge brings what is shared of it.
   */
  readonly what: 'staged' | 'all' | readonly string[] | MergedOnto;
  readonly trailers: readonly Trailer[];
  readonly signal?: AbortSignal;
}

export interface Committed {
  readonly sha: Oid;
  /** What the hooks did beyond their task. */
  readonly guard: GuardReport;
  readonly leftOut: readonly LeftOut[];
  /** Paths whose content hooks made another while git committed. */
  readonly changedByHooks: readonly string[];
}

/**
 * Git as Weld needs it, for one repository. Methods that write take the held lock and assert it before each git write.
 * All throw WeldError: `GIT_MISSING`, `GIT_LOCKED` (someone's index.lock), `UNSAFE_REPOSITORY` (foreign-owned clone),
 * `NOT_A_REPOSITORY`, `GIT_FAILED`, `CANCELLED`.
 */
export interface Git {
  /** Absolute path of the work tree's top. */
  readonly top: string;
  /** Absolute path of this work tree's own git folder. */
  readonly gitDir: string;
  version(): Promise<string>;
  head(): Promise<HeadInfo>;
  /** The id that git gives the file's content; no object is written. */
  blobId(absolutePath: string): Promise<Oid>;
  /** The tree of a commit; for a repository without commits the empty tree. */
  headTree(): Promise<Oid>;
  /**
   * The work tree, untracked files included, `.weld` and ignored files not, as a tree object; through a private index.
   */
  captureTree(
    lock: RunLock,
    options?: { readonly include?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<CapturedTree>;
  /**
   * All that stands below `.weld` but the lock and caches, as a commit under `KEPT_REF`, whose top is `.weld`; names
   * are encoded (names.ts). @throws when the ref is there
   */
  keepWeld(lock: RunLock, signal?: AbortSignal): Promise<Oid>;
  /**
   * The same of what stands there now, under `FOUND_REF`; `kept`, and git is not asked, when nothing looks changed
   * since.
   */
  weldSince(lock: RunLock, kept: Oid, signal?: AbortSignal): Promise<Oid>;
  /** What the last look below `.weld` could not keep, each with the reason. */
  weldNotKept(): readonly string[];
  /** Removes what stands below `.weld` under names of such a commit. */
  removeWeld(lock: RunLock, names: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Writes files of such a commit as they were. @param files as it names them */
  bringBackWeld(lock: RunLock, kept: Oid, files: readonly string[], signal?: AbortSignal): Promise<void>;
  /** A patch in git's format, binary files included; empty when the trees are the same. */
  diff(from: Oid, to: Oid): Promise<Uint8Array>;
  changedFiles(from: Oid, to: Oid): Promise<readonly ChangedFile[]>;
  /** The same with the texts of those files that are wanted; a moved file is one that is gone and one that is new. */
  changedTexts(from: Oid, to: Oid, wanted: (path: string) => boolean): Promise<readonly ChangedText[]>;
  /** Files of a tree as texts, by path; what is not there, no text or over 2 MB is left out. */
  texts(tree: Oid, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Null when the path is not in the tree. */
  readFile(tree: Oid, path: string): Promise<Uint8Array | null>;
  /** Digests of the repository's configuration, hooks and rules, by path below the git folder. */
  configDigests(): Promise<ReadonlyMap<string, string>>;
  readRef(name: string): Promise<Oid | null>;
  /** Names below `prefix`, such as `refs/weld/<run>/`. */
  listRefs(prefix: string): Promise<readonly { readonly name: string; readonly oid: Oid }[]>;
  /** HEAD and the refs of runs; git is started only when their files look changed since it last told. */
  headAndRefs(): Promise<{ readonly head: HeadInfo; readonly refs: RefList; readonly replaced: RefList }>;
  /** What git ignored at the last capture, relative to the top; a folder of which it ignores all ends with a slash. */
  ignored(): readonly string[];
  /**
   * Of what git ignored at the last capture, the files that changed since a moment, in wall-clock ms; the first 20,000
   * are looked at.
   */
  ignoredSince(since: number, signal?: AbortSignal): Promise<Ignored>;
  /**
   * Paths that the person's index is told to overlook (skip-worktree, assume-unchanged); git is asked when the index
   * changed.
   */
  overlooked(): Promise<readonly string[]>;
  /** Where hooks are looked for when `core.hooksPath` says so: absolute, or null. */
  hooksPath(): Promise<string | null>;
  /** `create`: fails when the ref exists. Refs hold trees directly. */
  writeRef(lock: RunLock, name: string, oid: Oid, mode: 'create' | 'replace'): Promise<void>;
  /** @param oid what it was last seen to hold, which spares a look; it goes also when it holds something else by now */
  deleteRef(lock: RunLock, name: string, oid: Oid): Promise<void>;
  deleteRefs(lock: RunLock, prefix: string): Promise<void>;
  /** Makes the work tree equal `to` where it differs from `from`; ignored files and the user's index stay. */
  restoreTree(lock: RunLock, from: Oid, to: Oid): Promise<void>;
  /**
   * The difference of each step merged three ways onto HEAD, from objects alone. @param steps in the order in which
   * they passed
   */
  mergeSteps(lock: RunLock, head: Oid | null, steps: readonly PassedTrees[]): Promise<MergedSteps>;
  /**
   * Commits with hooks, and with the trailers at the message's end; of untracked files `all` leaves out what
   * `captureTree` does.
   * @throws `NOTHING_TO_COMMIT`, `HOOK_FAILED` (the hook's last line in the sentence); the index is then as before,
   *   what a hook did to files is the hook's
   */
  commit(lock: RunLock, request: CommitRequest): Promise<Committed>;
  /** Paths with changes against HEAD, untracked included, `.weld` not. */
  changes(): Promise<readonly { readonly path: string; readonly staged: boolean }[]>;
}

/** What Weld keeps of one work tree alone, each linked one its own. */
export const WORK_TREE_REFS = 'refs/worktree/weld/';

/** Keeps `.weld` from the git garbage collector while an agent is at work. */
export const KEPT_REF = `${WORK_TREE_REFS}kept`;

/** What stood there after it, while that is compared. */
export const FOUND_REF = `${WORK_TREE_REFS}found`;

/** Keeps what an agent made of run state, until the run ends. */
export function tamperedRef(run: string): string {
  return `refs/weld/${run}/tampered`;
}

/** The ref under which a step's first tree is kept; never moved once written. */
export function baseRef(run: string, step: string): string {
  return `refs/weld/${run}/${step}/base`;
}

export function iterationRef(run: string, step: string, iteration: number): string {
  return `refs/weld/${run}/${step}/${String(iteration).padStart(2, '0')}`;
}

export interface Ignored {
  readonly files: readonly string[];
  readonly all: boolean;
}
