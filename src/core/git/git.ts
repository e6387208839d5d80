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
 * A file left out of a captured tree, and why. `large` and `secret` files are untracked; the person may include them.
 * The others cannot be in a tree. Of a folder that is its own repository (`nested repository`, `submodule changed`) a
 * tree can hold only a commit. The rest git cannot read or refuses to convert, so the tree keeps the index's version.
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

/** One line about at most five left-out files with their reasons, for a person. */
export function leftOutLine(leftOut: readonly LeftOut[]): string {
  return `left out ${leftOut
    .map((file) => `${showName(file.path)} (${file.why})`)
    .slice(0, 5)
    .join(', ')}`;
}

/**
 * Paths of the left-out files, as operations return them; without files there is no field. To include a file, the
 * person adds it to git.
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
 * One side of a changed file: `text`; `none` if there is no file; `unread` if it is not wanted, binary, over 2 MB, a
 * link or a submodule.
 */
export type TextSide =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unread' };

/** A changed file with its object ids, and its texts if they are wanted. */
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

/** The trees that a step began and passed with; their difference is its change. */
export interface PassedTrees {
  readonly base: Oid;
  readonly tree: Oid;
}

/** The entry of a tree or an index at a path. */
export interface TreeEntry {
  readonly mode: string;
  readonly oid: Oid;
}

/** A path, relative to the top, and its new entry; null removes it. */
export interface PathEntry {
  readonly path: string;
  readonly entry: TreeEntry | null;
}

/** A file of the chosen steps that cannot be committed as it was reviewed. */
export interface NotAsReviewed {
  readonly path: string;
  /** `overlaps`: HEAD and the step changed the same lines; `merged`: HEAD added changes that nobody reviewed. */
  readonly why: 'overlaps' | 'merged';
}

export interface MergedSteps {
  /** Entries to commit: those that differ from HEAD. */
  readonly entries: readonly PathEntry[];
  readonly notAsReviewed: readonly NotAsReviewed[];
}

/** The entries from `mergeSteps`, with the HEAD that they were merged onto. */
export interface MergedOnto extends Pick<MergedSteps, 'entries'> {
  readonly onto: Oid | null;
}

export interface CommitRequest {
  readonly message: string;
  /**
   * `staged`: the current index; `all`: every change; or chosen paths, relative to the top; or entries that are already
   * git objects. Excludes `.weld`, except for its tracked files during a merge.
   */
  readonly what: 'staged' | 'all' | readonly string[] | MergedOnto;
  readonly trailers: readonly Trailer[];
  readonly signal?: AbortSignal;
}

export interface Committed {
  readonly sha: Oid;
  /** What the hooks did that hooks should not do. */
  readonly guard: GuardReport;
  readonly leftOut: readonly LeftOut[];
  /** Paths whose content the hooks changed during the commit. */
  readonly changedByHooks: readonly string[];
}

/**
 * The git operations of one repository. Methods that write take the held lock and check it before each write.
 * All throw WeldError: `GIT_MISSING`, `GIT_LOCKED` (another git has index.lock),
 * `UNSAFE_REPOSITORY` (another user owns it),
 * `NOT_A_REPOSITORY`, `GIT_FAILED`, `CANCELLED`.
 */
export interface Git {
  /** Absolute path of the work tree's top. */
  readonly top: string;
  /** Absolute path of this work tree's own git folder. */
  readonly gitDir: string;
  version(): Promise<string>;
  head(): Promise<HeadInfo>;
  /** The object id of the file's content; writes no object. */
  blobId(absolutePath: string): Promise<Oid>;
  /** The tree of HEAD; the empty tree in a repository without commits. */
  headTree(): Promise<Oid>;
  /**
   * Writes the work tree as a tree object, through a private index. Includes untracked files; excludes `.weld` and
   * ignored files.
   */
  captureTree(
    lock: RunLock,
    options?: { readonly include?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<CapturedTree>;
  /**
   * Writes the content of `.weld`, without the lock and caches, as a commit under `KEPT_REF`. The commit's root is
   * `.weld`; names are encoded (names.ts). @throws if the ref exists
   */
  keepWeld(lock: RunLock, signal?: AbortSignal): Promise<Oid>;
  /**
   * Writes the current content of `.weld` under `FOUND_REF`. Returns `kept`, without starting git, if nothing looks
   * changed since then.
   */
  weldSince(lock: RunLock, kept: Oid, signal?: AbortSignal): Promise<Oid>;
  /** Files of `.weld` that the last capture could not keep, each with the reason. */
  weldNotKept(): readonly string[];
  /** Removes files below `.weld`. @param names as a commit of `keepWeld` encodes them */
  removeWeld(lock: RunLock, names: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Restores files of `.weld` from a commit of `keepWeld`. @param files as the commit encodes their names */
  bringBackWeld(lock: RunLock, kept: Oid, files: readonly string[], signal?: AbortSignal): Promise<void>;
  /** A patch in git's format, with binary files; empty if the trees are equal. */
  diff(from: Oid, to: Oid): Promise<Uint8Array>;
  changedFiles(from: Oid, to: Oid): Promise<readonly ChangedFile[]>;
  /** Changed files, with the texts of the wanted ones; a moved file is a deleted and an added file. */
  changedTexts(from: Oid, to: Oid, wanted: (path: string) => boolean): Promise<readonly ChangedText[]>;
  /** Texts of files in a tree, by path; excludes files that are missing, binary or over 2 MB. */
  texts(tree: Oid, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Null when the path is not in the tree. */
  readFile(tree: Oid, path: string): Promise<Uint8Array | null>;
  /** Digests of the repository's configuration, hooks and rules, by path below the git folder. */
  configDigests(): Promise<ReadonlyMap<string, string>>;
  readRef(name: string): Promise<Oid | null>;
  /** Refs below `prefix`, such as `refs/weld/<run>/`. */
  listRefs(prefix: string): Promise<readonly { readonly name: string; readonly oid: Oid }[]>;
  /** HEAD and the refs of runs; starts git only if their files look changed since the last call. */
  headAndRefs(): Promise<{ readonly head: HeadInfo; readonly refs: RefList; readonly replaced: RefList }>;
  /** Paths ignored at the last capture, relative to the top; a wholly ignored folder ends with a slash. */
  ignored(): readonly string[];
  /**
   * Files ignored at the last capture that have changed since then. Checks at most 20,000 files.
   * @param since wall-clock time in ms
   */
  ignoredSince(since: number, signal?: AbortSignal): Promise<Ignored>;
  /**
   * Paths with skip-worktree or assume-unchanged in the person's index; starts git only if the index has changed.
   */
  overlooked(): Promise<readonly string[]>;
  /** The folder that `core.hooksPath` names, as an absolute path; null if it is not set. */
  hooksPath(): Promise<string | null>;
  /** `create`: fails when the ref exists. Refs hold trees directly. */
  writeRef(lock: RunLock, name: string, oid: Oid, mode: 'create' | 'replace'): Promise<void>;
  /** Deletes a ref, whatever it holds. @param oid the id it probably holds, which saves reading it first */
  deleteRef(lock: RunLock, name: string, oid: Oid): Promise<void>;
  deleteRefs(lock: RunLock, prefix: string): Promise<void>;
  /** Changes the work tree from `from` to `to`; keeps ignored files and the person's index. */
  restoreTree(lock: RunLock, from: Oid, to: Oid): Promise<void>;
  /**
   * Merges the change of each step three ways onto HEAD, using git objects only. @param steps in the order in which
   * they passed
   */
  mergeSteps(lock: RunLock, head: Oid | null, steps: readonly PassedTrees[]): Promise<MergedSteps>;
  /**
   * Commits with hooks, and with the trailers at the end of the message; `all` leaves out the same untracked files as
   * `captureTree`.
   * @throws `NOTHING_TO_COMMIT`, `HOOK_FAILED` (its message has the hook's last line). The index is then unchanged;
   *   changes of files by the hook stay.
   */
  commit(lock: RunLock, request: CommitRequest): Promise<Committed>;
  /** Paths with changes against HEAD, untracked included, `.weld` not. */
  changes(): Promise<readonly { readonly path: string; readonly staged: boolean }[]>;
}

/** Prefix of Weld's refs for one work tree; each linked work tree has its own. */
export const WORK_TREE_REFS = 'refs/worktree/weld/';

/** The content of `.weld` before an agent began, protected from git's garbage collection. */
export const KEPT_REF = `${WORK_TREE_REFS}kept`;

/** The content of `.weld` after the agent ended, for the comparison. */
export const FOUND_REF = `${WORK_TREE_REFS}found`;

/** The ref of the run state as an agent changed it, kept until the run ends. */
export function tamperedRef(run: string): string {
  return `refs/weld/${run}/tampered`;
}

/** The ref of a step's first tree; it never moves. */
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
