import * as fs from 'node:fs';
import * as path from 'node:path';
import { readCapped } from '../artifacts/bounded';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import { isErrno, WeldError } from '../util/errors';
import { leadsToAnything, lstat } from '../util/files';
import type { LeftOut, Oid } from './git';
import { decodeName, onDisk } from './names';
import { type IndexStamp, stampOf } from './privateIndex';
import { type CaseRename, findCaseRenames } from './restoreTree';
import { type GitOptions, type GitRunner, isOid, splitNul } from './runGit';
import { looksSecret } from './secrets';

export interface StatusEntry {
  readonly path: string;
  /** Against HEAD, and in the work tree against the index: git's letters, a blank for "same", `?` for untracked. */
  readonly staged: string;
  readonly unstaged: string;
  readonly conflicted: boolean;
}

const STATUS = [
  'status',
  '--porcelain=v1',
  '-z',
  '--untracked-files=all',
  '--no-renames',
  '--ignore-submodules=dirty',
  '--no-ahead-behind',
] as const;
const CONFLICTS = new Set(['DD', 'AU', 'UD', 'UA', 'DU', 'AA', 'UU']);

/** All that differs from the index or from HEAD, untracked files one by one, nothing below `.weld`, no ignored file. */
export async function readStatus(git: GitRunner, options: GitOptions = {}): Promise<StatusEntry[]> {
  return (await fullStatus(git, options)).status;
}

interface FullStatus {
  readonly status: StatusEntry[];
  /** The folders that git could not look into, as left out. */
  readonly unreadable: readonly LeftOut[];
  /** Of these the status has both names: the old one gone, the new one added. */
  readonly renamed: readonly CaseRename[];
  /**
   * Files that git ignores, and folders of which it ignores all, those with a slash at the end; empty unless asked for.
   */
  readonly ignored: readonly string[];
}

/**
 * The status, with what it cannot tell by itself. @param withIgnored what is ignored too, which by itself would take
 * another walk through all folders
 */
export async function fullStatus(git: GitRunner, options: GitOptions, withIgnored = false): Promise<FullStatus> {
  const ignoreCase = ignoresCase(git.cwd);
  const { stdout, stderr } = await git.result(
    [...(ignoreCase ? ['-c', 'core.ignoreCase=false'] : []), ...STATUS, ...(withIgnored ? ['--ignored=matching'] : [])],
    options,
  );
  const said = decodeName(stderr).matchAll(/^warning: could not open directory '(.+)\/': /gmu);
  const fields = splitNul(stdout);
  const isIgnored = (field: string): boolean => field.startsWith('!! ');
  const status = parseStatus(
    fields.filter((field) => !isIgnored(field)),
    ignoreCase,
  );
  const renamed = ignoreCase ? await findCaseRenames(git, status, options) : [];
  return {
    status: withRenamed(status, renamed),
    renamed,
    ignored: fields
      .filter(isIgnored)
      .map((field) => field.slice(3))
      .filter((path) => !isWeldPath(path, ignoreCase)),
    unreadable: [...said].flatMap(({ 1: path = '' }) =>
      isWeldPath(path, ignoreCase) ? [] : [{ path, why: 'unreadable' as const }],
    ),
  };
}

/** The old name is gone and the new one is no stranger, though the disk takes either for the other. */
function withRenamed(status: StatusEntry[], renamed: readonly CaseRename[]): StatusEntry[] {
  if (renamed.length === 0) return status;
  const to = new Set(renamed.map((one) => one.to));
  const from = new Set(renamed.map((one) => one.from));
  const old = renamed.map((one): StatusEntry => ({ path: one.from, staged: ' ', unstaged: 'D', conflicted: false }));
  return [
    ...status
      .filter(({ path }) => !from.has(path))
      .map((entry) => (to.has(entry.path) ? { ...entry, staged: ' ', unstaged: 'A' } : entry)),
    ...old,
  ];
}

/** @param fields output of `git status --porcelain=v1 -z --no-renames`, split */
export function parseStatus(fields: readonly string[], ignoreCase = false): StatusEntry[] {
  return fields.flatMap((field) => {
    const path = field.slice(3);
    if (field.length < 4 || isWeldPath(path, ignoreCase)) return [];
    return [{ path, staged: field[0] ?? ' ', unstaged: field[1] ?? ' ', conflicted: CONFLICTS.has(field.slice(0, 2)) }];
  });
}

/** What the person's index is told to overlook. Git is asked again when the index is another. */
export class Overlooked {
  private cached: { readonly of: IndexStamp; readonly paths: readonly string[] } | undefined;

  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  async read(): Promise<readonly string[]> {
    const of = await stampOf(path.join(this.gitDir, 'index')).catch(() => '');
    if (this.cached?.of === of) return this.cached.paths;
    const lines = of === '' ? [] : await this.git.fields(['ls-files', '-v', '-z']);
    const paths = lines.filter((line) => /^[a-zS] /u.test(line));
    this.cached = { of, paths };
    return paths;
  }
}

/** @returns an absolute path, or null where hooks stand in the git folder */
export async function hooksPath(git: GitRunner): Promise<string | null> {
  // The last one is what git is told each time, so that no hook runs while Weld looks.
  const told = (await git.fields(['config', '-z', '--get-all', '--type=path', 'core.hooksPath'], { accept: [0, 1] }))
    .slice(0, -1)
    .at(-1);
  return told === undefined ? null : path.resolve(git.cwd, told);
}

/** Untracked files above this stay out of a tree until the person says otherwise, in bytes. */
const MAX_UNTRACKED_BYTES = 1_000_000;

/** @param file an untracked file, relative to the top @param size in bytes. @returns why it stays out, or null */
export function whyLeftOut(file: string, size: number): LeftOut['why'] | null {
  if (looksSecret(file)) return 'secret';
  return size > MAX_UNTRACKED_BYTES ? 'large' : null;
}

export interface FileKind {
  /** Why git cannot read it; null where it can, and where nothing stands there any more. */
  readonly why: LeftOut['why'] | null;
  readonly folder: boolean;
  /** Of a file, in bytes. */
  readonly size: number;
}

/** Whether a repository of its own stands under a name in the work tree; a symbolic link to one is a link. */
export async function isRepository(top: string, folder: string): Promise<boolean> {
  if (!(await lstat(onDisk(top, folder)))?.isDirectory()) return false;
  return (await lstat(onDisk(top, `${folder}/.git`))) !== null;
}

/** What stands under a name in the work tree. */
export function fileKind(top: string, file: string): FileKind {
  const place = onDisk(top, file);
  try {
    const stat = fs.lstatSync(place);
    const folder = stat.isDirectory();
    if (stat.isFile()) fs.accessSync(place, fs.constants.R_OK);
    return {
      why: stat.isFile() || stat.isSymbolicLink() || folder ? null : 'not a file',
      folder,
      size: stat.isFile() ? stat.size : 0,
    };
  } catch (error) {
    if (!isErrno(error)) throw error;
    return { why: isErrno(error, 'ENOENT', 'ENOTDIR') ? null : 'unreadable', folder: false, size: 0 };
  }
}

/** What git is in the midst of, so that a commit may have other parents, another author or another place than usual. */
export type OperationInProgress = 'merge' | 'cherry-pick' | 'revert' | 'rebase' | 'am' | 'bisect';

/** Files, or refs where git keeps those otherwise. */
const PSEUDO_REFS = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'] as const;

/** Maximum size of a file such as MERGE_HEAD that is read, in bytes. */
const MAX_HEADS_BYTES = 4 * 1024 * 1024;
const textOf = async (file: string): Promise<string> =>
  (await readCapped(file, MAX_HEADS_BYTES))?.toString('utf8') ?? '';

/** @param gitDir of this work tree, also a linked one */
export async function operationInProgress(git: GitRunner, gitDir: string): Promise<OperationInProgress | null> {
  const has = (name: string): Promise<boolean> => leadsToAnything(path.join(gitDir, name));
  const lines = (
    await git.text(['cat-file', '--batch-check=%(objectname)'], { input: `${PSEUDO_REFS.join('\n')}\n` })
  ).split('\n');
  const refs = new Set(PSEUDO_REFS.filter((_, i) => /^[0-9a-f]{40,64}$/u.test(lines[i] ?? '')));
  if ((await has('MERGE_HEAD')) || refs.has('MERGE_HEAD')) return 'merge';
  if (await has('rebase-merge')) return 'rebase';
  if (await has('rebase-apply')) return (await has('rebase-apply/applying')) ? 'am' : 'rebase';
  if (refs.has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (refs.has('REVERT_HEAD')) return 'revert';
  if (await has('sequencer'))
    return /^revert\b/u.test(await textOf(path.join(gitDir, 'sequencer', 'todo'))) ? 'revert' : 'cherry-pick';
  return (await has('BISECT_LOG')) ? 'bisect' : null;
}

/**
 * Git takes no part of the changes while it is in the midst of something: the rest would be missing from its result.
 * @throws WeldError `GIT_FAILED`
 */
export function refusePartialCommit(what: OperationInProgress | null): void {
  if (what === null || what === 'bisect') return;
  const how =
    what === 'merge' || what === 'revert' || what === 'cherry-pick'
      ? `commit what is staged to conclude it, or take it back with "git ${what} --abort"`
      : `finish it with "git ${what} --continue", or take it back with "git ${what} --abort"`;
  throw new WeldError(
    'GIT_FAILED',
    `${what === 'am' ? 'An' : 'A'} ${what} is going on, and a commit of only a part would lose the rest of it; ` +
      `${how}, then commit again.`,
  );
}

/** The commits whose side a commit takes in beside HEAD. */
export async function otherHeads(git: GitRunner, gitDir: string): Promise<Oid[]> {
  const merged = (await textOf(path.join(gitDir, 'MERGE_HEAD'))).split('\n');
  const picked = await Promise.all(
    ['CHERRY_PICK_HEAD'].map((name) => git.text(['rev-parse', '--verify', '--quiet', name], { accept: [0, 1] })),
  );
  return [...merged, ...picked].map((line) => line.trim()).filter(isOid);
}
