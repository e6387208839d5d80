import type { RunLock } from '../lock/runLock';
import type { Guests } from '../process/ports';
import { TreeCapture } from './capture';
import { fileInTree, namingTheLargest, patch, rawChanges } from './diff';
import { Filters, readConfigDigests } from './filters';
import {
  type CapturedTree,
  type ChangedFile,
  type ChangedText,
  type CommitRequest,
  type Committed,
  FOUND_REF,
  type Git,
  type HeadInfo,
  type Ignored,
  KEPT_REF,
  type MergedSteps,
  type Oid,
  type PassedTrees,
} from './git';
import { commit } from './makeCommit';
import { mergeSteps } from './mergeSteps';
import type { RefList } from './refList';
import { deleteRef, deleteRefs, HeadAndRefs, listRefs, readRef, writeRef } from './refs';
import { restoreTree } from './restoreTree';
import { ignoredSince } from './rules';
import type { GitRunner } from './runGit';
import { hooksPath, Overlooked, readStatus } from './status';
import { changedTexts, textsOf } from './texts';
import { WeldTree } from './weldTree';

/** Git of one repository; the files of this folder implement its methods. */
export class Repository implements Git {
  private readonly treeCapture: TreeCapture;
  private readonly weldTree: WeldTree;
  private readonly headCache: HeadAndRefs;
  private readonly overlookedPaths: Overlooked;
  private readonly filters: Filters;
  /** The tree of the last HEAD that was read. */
  private lastHeadTree: { readonly sha: Oid; readonly tree: Oid } | undefined;

  /**
   * @param git runs in `top` @param gitDir of this work tree, also a linked one @param guests guard hooks and filters
   */
  constructor(
    readonly top: string,
    private readonly git: GitRunner,
    readonly gitDir: string,
    private readonly guests: Guests,
  ) {
    this.filters = new Filters(git, gitDir);
    this.treeCapture = new TreeCapture(git, gitDir, guests, this.filters);
    this.weldTree = new WeldTree(top, git.programs, gitDir);
    this.headCache = new HeadAndRefs(git, gitDir);
    this.overlookedPaths = new Overlooked(git, gitDir);
  }

  version(): Promise<string> {
    return this.git.text(['--version']);
  }

  head(): Promise<HeadInfo> {
    return this.headCache.head();
  }

  blobId(absolutePath: string): Promise<Oid> {
    return this.git.id(['hash-object', '--', absolutePath]);
  }

  async headTree(): Promise<Oid> {
    const { sha } = await this.head();
    if (sha === null) return this.git.id(['hash-object', '-t', 'tree', '--stdin']);
    if (this.lastHeadTree?.sha !== sha)
      this.lastHeadTree = { sha, tree: await this.git.id(['rev-parse', '--verify', '--quiet', `${sha}^{tree}`]) };
    return this.lastHeadTree.tree;
  }

  captureTree(
    lock: RunLock,
    options?: { readonly include?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<CapturedTree> {
    return this.treeCapture.capture(lock, options);
  }

  keepWeld(lock: RunLock, signal?: AbortSignal): Promise<Oid> {
    return this.weldTree.capture(lock, { ref: KEPT_REF, replace: false }, undefined, signal);
  }

  weldSince(lock: RunLock, kept: Oid, signal?: AbortSignal): Promise<Oid> {
    return this.weldTree.capture(lock, { ref: FOUND_REF, replace: true }, kept, signal);
  }

  weldNotKept(): readonly string[] {
    return this.weldTree.notKept;
  }

  removeWeld(lock: RunLock, names: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.weldTree.remove(lock, names, signal);
  }

  bringBackWeld(lock: RunLock, tree: Oid, files: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.weldTree.bringBack(lock, tree, files, signal);
  }

  diff(from: Oid, to: Oid): Promise<Uint8Array> {
    return namingTheLargest(this.git, from, to, () => patch(this.git, this.gitDir, from, to));
  }

  async changedFiles(from: Oid, to: Oid): Promise<readonly ChangedFile[]> {
    return (await rawChanges(this.git, from, to)).map(({ path, status }) => ({ path, status }));
  }

  changedTexts(from: Oid, to: Oid, wanted: (path: string) => boolean): Promise<readonly ChangedText[]> {
    return changedTexts(this.git, from, to, wanted);
  }

  texts(tree: Oid, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return textsOf(this.git, tree, paths);
  }

  readFile(tree: Oid, path: string): Promise<Uint8Array | null> {
    return fileInTree(this.git, tree, path);
  }

  configDigests(): Promise<ReadonlyMap<string, string>> {
    return readConfigDigests(this.gitDir);
  }

  readRef(name: string): Promise<Oid | null> {
    return readRef(this.git, name);
  }

  listRefs(prefix: string): Promise<readonly { readonly name: string; readonly oid: Oid }[]> {
    return listRefs(this.git, prefix);
  }

  headAndRefs(): Promise<{ readonly head: HeadInfo; readonly refs: RefList; readonly replaced: RefList }> {
    return this.headCache.read();
  }

  ignored(): readonly string[] {
    return this.treeCapture.ignored ?? [];
  }

  ignoredSince(since: number, signal?: AbortSignal): Promise<Ignored> {
    return ignoredSince(this.git, this.treeCapture.ignored, since, signal);
  }

  overlooked(): Promise<readonly string[]> {
    return this.overlookedPaths.read();
  }

  hooksPath(): Promise<string | null> {
    return hooksPath(this.git);
  }

  writeRef(lock: RunLock, name: string, oid: Oid, mode: 'create' | 'replace'): Promise<void> {
    return writeRef(this.git, lock, name, oid, mode);
  }

  deleteRef(lock: RunLock, name: string, oid: Oid): Promise<void> {
    return deleteRef(this.git, lock, name, oid);
  }

  deleteRefs(lock: RunLock, prefix: string): Promise<void> {
    return deleteRefs(this.git, lock, prefix);
  }

  restoreTree(lock: RunLock, from: Oid, to: Oid): Promise<void> {
    return restoreTree(this.git, { gitDir: this.gitDir, guests: this.guests, filters: this.filters }, lock, from, to);
  }

  mergeSteps(lock: RunLock, head: Oid | null, steps: readonly PassedTrees[]): Promise<MergedSteps> {
    lock.assertHeld();
    return mergeSteps(this.git, head, steps);
  }

  commit(lock: RunLock, request: CommitRequest): Promise<Committed> {
    const place = {
      gitDir: this.gitDir,
      guests: this.guests,
      filters: this.filters,
      head: async () => (await this.head()).sha,
      headTree: () => this.headTree(),
    };
    return commit(this.git, place, lock, request);
  }

  async changes(): Promise<readonly { readonly path: string; readonly staged: boolean }[]> {
    const status = await readStatus(this.git);
    return status.map(({ path, staged, conflicted }) => ({
      path,
      staged: !conflicted && staged !== ' ' && staged !== '?',
    }));
  }
}
