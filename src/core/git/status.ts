import { ignoresCase, isWeldPath } from '../artifacts/weldPath';
import { type CaseRename, inOtherCase } from './case-renames';
import { decodeName } from './names';
import { fieldsOf, type GitOptions, type GitRunner } from './run-git';
import type { LeftOut } from './types';

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
  return (await look(git, options)).status;
}

interface Looked {
  readonly status: StatusEntry[];
  /** The folders that git could not look into, as left out. */
  readonly closed: readonly LeftOut[];
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
export async function look(git: GitRunner, options: GitOptions, withIgnored = false): Promise<Looked> {
  const ignoreCase = ignoresCase(git.cwd);
  const { stdout, stderr } = await git.result(
    [...(ignoreCase ? ['-c', 'core.ignoreCase=false'] : []), ...STATUS, ...(withIgnored ? ['--ignored=matching'] : [])],
    options,
  );
  const said = decodeName(stderr).matchAll(/^warning: could not open directory '(.+)\/': /gmu);
  const fields = fieldsOf(stdout);
  const isIgnored = (field: string): boolean => field.startsWith('!! ');
  const status = parseStatus(
    fields.filter((field) => !isIgnored(field)),
    ignoreCase,
  );
  const renamed = ignoreCase ? await inOtherCase(git, status, options) : [];
  return {
    status: withRenamed(status, renamed),
    renamed,
    ignored: fields
      .filter(isIgnored)
      .map((field) => field.slice(3))
      .filter((path) => !isWeldPath(path, ignoreCase)),
    closed: [...said].flatMap(({ 1: path = '' }) =>
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
