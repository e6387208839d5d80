import * as fs from 'node:fs';
import * as path from 'node:path';
import { readCapped } from '../artifacts/bounded';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import { isErrno, WeldError } from '../util/errors';
import { leadsToAnything, lstat } from '../util/files';
import type { LeftOut, Oid } from './git';
import { decodeName, onDisk } from './names';
import { isOid } from './oid';
import { type IndexStamp, stampOf } from './privateIndex';
import { type CaseRename, findCaseRenames } from './restoreTree';
import { type GitOptions, type GitRunner, splitNul } from './runGit';
import { looksSecret } from './secrets';

export interface StatusEntry {
  readonly path: string;
  /**
   * `staged` compares the index with HEAD, `unstaged` the work tree with the index: git's letters, a blank for "same",
   * `?` for untracked.
   */
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

/** All paths that differ from the index or HEAD, with single untracked files; excludes `.weld` and ignored files. */
export async function readStatus(git: GitRunner, options: GitOptions = {}): Promise<StatusEntry[]> {
  return (await fullStatus(git, options)).status;
}

interface FullStatus {
  readonly status: StatusEntry[];
  /** Folders that git could not read. */
  readonly unreadable: readonly LeftOut[];
  /** Files renamed only in case; the status has both names, the old one as deleted and the new one as added. */
  readonly renamed: readonly CaseRename[];
  /** Ignored files, and wholly ignored folders with a slash at the end; empty unless requested. */
  readonly ignored: readonly string[];
}

/**
 * The status with further findings. @param withIgnored lists ignored files too, which saves a second walk through all
 * folders
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

/** Reports the old name as deleted and the new one as added, though the disk treats them as the same. */
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

/** Files that the person's index makes git overlook; starts git only if the index has changed. */
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

/** @returns an absolute path, or null if hooks are in the git folder */
export async function hooksPath(git: GitRunner): Promise<string | null> {
  // The last value is our own option, which keeps hooks from running.
  const told = (await git.fields(['config', '-z', '--get-all', '--type=path', 'core.hooksPath'], { accept: [0, 1] }))
    .slice(0, -1)
    .at(-1);
  return told === undefined ? null : path.resolve(git.cwd, told);
}

/** Larger untracked files are left out of trees until the person includes them, in bytes. */
const MAX_UNTRACKED_BYTES = 1_000_000;

/** @param file an untracked file, relative to the top @param size in bytes @returns why it is left out, or null */
export function whyLeftOut(file: string, size: number): LeftOut['why'] | null {
  if (looksSecret(file)) return 'secret';
  return size > MAX_UNTRACKED_BYTES ? 'large' : null;
}

export interface FileKind {
  /** Why git cannot read it; null if it can, or if the file is gone. */
  readonly why: LeftOut['why'] | null;
  readonly folder: boolean;
  /** Size of a file, in bytes; zero for anything else. */
  readonly size: number;
}

/** Whether a folder of the work tree is a repository itself; a symbolic link to one is not. */
export async function isRepository(top: string, folder: string): Promise<boolean> {
  if (!(await lstat(onDisk(top, folder)))?.isDirectory()) return false;
  return (await lstat(onDisk(top, `${folder}/.git`))) !== null;
}

/** What kind of file a path of the work tree is. */
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

/**
 * An unfinished git operation, in which a commit may have other parents, another author or another place than usual.
 */
export type OperationInProgress = 'merge' | 'cherry-pick' | 'revert' | 'rebase' | 'am' | 'bisect';

/** Files, or refs in a reftable. */
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
 * Refuses a partial commit during an unfinished operation: the rest would be missing from its result.
 * @throws WeldError `GIT_FAILED`
 */
export function refusePartialCommit(what: OperationInProgress | null): void {
  if (what === null || what === 'bisect') return;
  const how =
    what === 'merge' || what === 'revert' || what === 'cherry-pick'
      ? `commit the staged changes to conclude it, or undo it with "git ${what} --abort"`
      : `finish it with "git ${what} --continue", or undo it with "git ${what} --abort"`;
  throw new WeldError(
    'GIT_FAILED',
    `${what === 'am' ? 'An' : 'A'} ${what} is in progress, and a partial commit would lose the rest of it; ` +
      `${how}, then commit again.`,
  );
}

/** The commits that are merged or picked into HEAD. */
export async function otherHeads(git: GitRunner, gitDir: string): Promise<Oid[]> {
  const merged = (await textOf(path.join(gitDir, 'MERGE_HEAD'))).split('\n');
  const picked = await Promise.all(
    ['CHERRY_PICK_HEAD'].map((name) => git.text(['rev-parse', '--verify', '--quiet', name], { accept: [0, 1] })),
  );
  return [...merged, ...picked].map((line) => line.trim()).filter(isOid);
}
