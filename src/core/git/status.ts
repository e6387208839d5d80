import { ignoresCase, isWeldPath } from '../artifacts/weldPath';
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

const STATUS = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=dirty', '--no-ahead-behind'] as const;
const CONFLICTS = new Set(['DD', 'AU', 'UD', 'UA', 'DU', 'AA', 'UU']);

/** All that differs from the index or from HEAD, untracked files one by one, nothing below `.weld`, no ignored file. */
export async function readStatus(git: GitRunner, options: GitOptions = {}): Promise<StatusEntry[]> {
  return parseStatus(await git.fields(STATUS, options), ignoresCase(git.cwd));
}

/** The status, and the folders that git could not look into, as left out. */
export async function look(git: GitRunner, options: GitOptions): Promise<{ readonly status: StatusEntry[]; readonly closed: readonly LeftOut[] }> {
  const ignoreCase = ignoresCase(git.cwd);
  const { stdout, stderr } = await git.result(STATUS, options);
  const said = decodeName(stderr).matchAll(/^warning: could not open directory '(.+)\/': /gmu);
  return { status: parseStatus(fieldsOf(stdout), ignoreCase), closed: [...said].flatMap(({ 1: path = '' }) => (isWeldPath(path, ignoreCase) ? [] : [{ path, why: 'unreadable' as const }])) };
}

/** @param fields output of `git status --porcelain=v1 -z --no-renames`, split */
export function parseStatus(fields: readonly string[], ignoreCase = false): StatusEntry[] {
  return fields.flatMap((field) => {
    const path = field.slice(3);
    if (field.length < 4 || isWeldPath(path, ignoreCase)) return [];
    return [{ path, staged: field[0] ?? ' ', unstaged: field[1] ?? ' ', conflicted: CONFLICTS.has(field.slice(0, 2)) }];
  });
}
