import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isInside } from '../artifacts/inside';
import { listFolders } from '../artifacts/store';
import type { HeadInfo, Oid } from '../git/git';
import { showName } from '../git/names';
import type { Ref, RefList } from '../git/refList';
import type { RunLock } from '../lock/runLock';
import type { Guest } from '../process/ports';
import type { Project } from '../project';
import { shellWord } from '../util/text';
import { firstFew } from './putBack';

/** The parts of a repository that a guest must not change, recorded before its work. */
export interface RepositoryState {
  readonly head: HeadInfo;
  /** The refs below `refs/weld`. */
  readonly refs: RefList;
  /**
   * The runs of this work tree: other work trees of the repository have their own. Null if the guest cannot change
   * them, so that they can be listed afterwards, should it have changed refs.
   */
  readonly runs: ReadonlySet<string> | null;
  /** Digests of configuration, hooks and similar files, by path below the git folder. */
  readonly settings: ReadonlyMap<string, string>;
  /** Mode, inode, size and times of hooks outside the work tree, by absolute path. */
  readonly hooks: ReadonlyMap<string, string>;
  /** The refs of `git replace`, which substitute objects. */
  readonly replaced: RefList;
  /** Paths that the index marks skip-worktree or assume-unchanged. */
  readonly overlooked: readonly string[];
}

/** @param guest whether the guest that follows can change `.weld` */
export async function repositoryState(project: Project, guest: 'prevented' | 'noticed'): Promise<RepositoryState> {
  const { git } = project;
  const [{ head, refs, replaced }, settings, overlooked, runs] = await Promise.all([
    git.headAndRefs(),
    git.configDigests(),
    git.overlooked(),
    guest === 'prevented' ? null : runsOf(project),
  ]);
  return { head, refs, runs, settings, hooks: await foreignHooks(project, settings), replaced, overlooked };
}

/**
 * Compares the repository with its state before a guest's work. Weld's refs are restored; the rest is for the person.
 * @returns a sentence for each difference
 */
export async function judgeRepository(
  project: Project,
  lock: RunLock,
  guest: Guest,
  before: RepositoryState,
): Promise<string[]> {
  const { git } = project;
  const [{ head, refs, replaced }, settings, overlooked] = await Promise.all([
    git.headAndRefs(),
    git.configDigests(),
    git.overlooked(),
  ]);
  const moved = refs.equals(before.refs)
    ? []
    : await putBackRefs(project, lock, before.refs, refs, before.runs ?? (await runsOf(project)));
  const found =
    moved.length === 0
      ? []
      : [`${guest.label} changed what Weld keeps in git while it worked (${firstFew(moved)}); it was put back.`];
  // A person who does the task may commit and configure; a program was asked only to edit files.
  if (guest.person === true) return found;
  const files = differing(before.settings, settings);
  const hooks = differing(before.hooks, await foreignHooks(project, before.settings));
  if (hooks.length > 0)
    found.push(
      `${guest.label} or somebody else changed hooks meanwhile (${firstFew(hooks)}); read them before you continue.`,
    );
  if (!replaced.equals(before.replaced))
    found.push(
      `${guest.label} or somebody else made git show other objects in place of some (git replace); check ` +
        'them with git replace -l before you continue.',
    );
  const hidden = overlooked.filter((line) => !before.overlooked.includes(line)).map((line) => showName(line.slice(2)));
  if (hidden.length > 0)
    found.push(
      `${guest.label} or somebody else made git overlook changes of ${firstFew(hidden)}; undo it with git ` +
        'update-index --no-skip-worktree --no-assume-unchanged.',
    );
  if (files.length > 0)
    found.push(
      `${guest.label} or somebody else changed ${firstFew(files.map((file) => `.git/${file}`))} meanwhile; read it ` +
        'before you continue.',
    );
  // A commit moves HEAD and reports that itself.
  if (guest.kind === 'hook') return found;
  if (head.sha !== before.head.sha || head.branch !== before.head.branch)
    found.push(describeMove(guest, before.head, head));
  return found;
}

const runsOf = async ({ paths }: Project): Promise<ReadonlySet<string>> => new Set(await listFolders(paths.runs));

const differing = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...now.keys()])].filter((file) => before.get(file) !== now.get(file));

/** The hooks folder of each repository; git is queried again only when its settings change. */
const hooksFolders = new WeakMap<Project['git'], { readonly key: string; readonly folder: Promise<string | null> }>();
/** Maximum number of files compared in a hooks folder, because a setting can name any folder. */
const MAX_HOOKS = 200;

/** Hooks outside the work tree only: those inside are the repository's own files, which every diff shows. */
async function foreignHooks(
  { git, top }: Project,
  settings: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const key = JSON.stringify([...settings]);
  let known = hooksFolders.get(git);
  if (known?.key !== key) hooksFolders.set(git, (known = { key, folder: git.hooksPath() }));
  const folder = await known.folder;
  if (folder === null || folder === top || isInside(top, folder)) return new Map();
  const names = (await fs.readdir(folder).catch(() => [])).slice(0, MAX_HOOKS).map((name) => path.join(folder, name));
  const looks = await Promise.all(
    names.map(async (file) => {
      const stat = await fs.lstat(file).catch(() => null);
      return [file, stat ? `${stat.mode} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : ''] as const;
    }),
  );
  return new Map(looks);
}

const PREFIX = 'refs/weld/';

function ofRuns(refs: readonly Ref[], runs: ReadonlySet<string>): Map<string, Oid> {
  return new Map(
    refs
      .filter(({ name }) => runs.has(name.slice(PREFIX.length).split('/', 1)[0] ?? ''))
      .map(({ name, oid }) => [name, oid]),
  );
}

/** @returns the names of the refs that had changed */
async function putBackRefs(
  project: Project,
  lock: RunLock,
  refsBefore: RefList,
  refsNow: RefList,
  runs: ReadonlySet<string>,
): Promise<string[]> {
  const { git } = project;
  const [before, now] = [ofRuns(refsBefore.all(), runs), ofRuns(refsNow.all(), runs)];
  const added = [...now.keys()].filter((name) => !before.has(name));
  const changed = [...before].filter(([name, oid]) => now.get(name) !== oid).map(([name]) => name);
  // Delete new refs first, because one may block the name of another.
  for (const name of added) await git.deleteRefs(lock, name);
  const left = added.length === 0 ? now : ofRuns(await git.listRefs(PREFIX), runs);
  for (const [name, oid] of before) if (left.get(name) !== oid) await git.writeRef(lock, name, oid, 'replace');
  return [...added, ...changed];
}

function describeMove(guest: Guest, before: HeadInfo, after: HeadInfo): string {
  if (before.sha === after.sha) {
    const back = before.branch ?? before.sha?.slice(0, 10);
    const how =
      back === undefined || before.sha === null
        ? ''
        : `, go back with "git checkout ${shellWord(back)}" if it was not intended`;
    return (
      `HEAD was on ${describeHead(before)} and is on ${describeHead(after)} since ${guest.label} worked; ` +
      `look at it with git status${how}, then continue.`
    );
  }
  const from = before.sha?.slice(0, 10);
  const to =
    after.sha === null
      ? describeHead(after)
      : `${after.sha.slice(0, 10)}${after.branch === null ? ' without a branch' : ` on ${after.branch}`}`;
  return (
    `HEAD moved from ${from ?? 'no commit'} to ${to} while ${guest.label} worked; look at it with git ` +
    `log${from === undefined ? '' : `, undo it with "git reset --soft ${from}" if ` + 'it was not intended'}, ` +
    'then continue.'
  );
}

function describeHead({ sha, branch }: HeadInfo): string {
  return branch ?? (sha === null ? 'no branch' : `${sha.slice(0, 10)} without a branch`);
}
