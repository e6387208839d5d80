import { WeldError } from '../errors';
import type { RunLock } from '../lock/types';
import { oid } from './diff';
import { type Ref, RefList } from './ref-list';
import type { GitRunner } from './run-git';
import type { Oid } from './types';

/** Where git keeps what can be checked out. */
export const BRANCHES = 'refs/heads/';
/** Nothing of Weld ever writes a ref elsewhere; those of one work tree are what only it may see. */
const OURS = /^refs\/(?:worktree\/)?weld\//u;

export async function listRefs(git: GitRunner, prefix: string): Promise<Ref[]> {
  const lines = await git.text(['for-each-ref', '--format=%(refname) %(objectname)', ours(prefix).replace(/\/$/, '')]);
  return lines.split('\n').flatMap((line) => {
    const [name, id] = line.split(' ');
    return name !== undefined && id !== undefined && name.startsWith(prefix) ? [{ name, oid: id }] : [];
  });
}

/**
 * The refs below some prefixes, each by itself, and by the same start of git the branch that is checked out; null when
 * there is none or it has no commit.
 */
export async function listRefsAndHead<P extends string>(
  git: GitRunner,
  prefixes: readonly P[],
): Promise<{
  readonly refs: Readonly<Record<P, RefList>>;
  readonly head: { readonly sha: Oid; readonly branch: string } | null;
}> {
  const lines = (
    await git.text(['for-each-ref', '--format=%(HEAD)%(objectname) %(refname)', BRANCHES, ...prefixes])
  ).split('\n');
  const [, sha, branch] = /^\*(\S+) refs\/heads\/(.+)$/u.exec(lines.find((line) => line.startsWith('*')) ?? '') ?? [];
  const below = (prefix: P): RefList =>
    RefList.of(
      lines.filter((line) => line.startsWith(prefix, line.indexOf(' ', 1) + 1)).map((line) => line.slice(1)),
      prefix,
    );
  return {
    refs: Object.fromEntries(prefixes.map((prefix) => [prefix, below(prefix)])) as Record<P, RefList>,
    head: sha !== undefined && branch !== undefined ? { sha, branch } : null,
  };
}

/** The refs of some groups below a prefix. @param groups one part of a name each */
export async function listGroups(git: GitRunner, prefix: string, groups: readonly string[]): Promise<RefList> {
  const lines = (
    await git.text(['for-each-ref', '--format=%(objectname) %(refname)', ...groups.map((group) => `${prefix}${group}`)])
  ).split('\n');
  return RefList.of(
    lines.filter((line) => line !== ''),
    prefix,
  );
}

export async function readRef(git: GitRunner, name: string): Promise<Oid | null> {
  return (await listRefs(git, name)).find((ref) => ref.name === name)?.oid ?? null;
}

export async function writeRef(
  git: GitRunner,
  lock: RunLock,
  name: string,
  to: Oid,
  mode: 'create' | 'replace',
): Promise<void> {
  lock.assertHeld();
  // An empty old value makes git refuse a ref that exists.
  await git.bytes(['update-ref', '--no-deref', ours(name), oid(to), ...(mode === 'create' ? [''] : [])]);
}

export async function deleteRef(git: GitRunner, lock: RunLock, name: string, seen: Oid): Promise<void> {
  lock.assertHeld();
  const { exitCode } = await git.result(['update-ref', '--no-deref', '-d', ours(name), oid(seen)], {
    accept: [0, 1, 128],
  });
  if (exitCode !== 0) await deleteRefs(git, lock, name);
}

export async function deleteRefs(git: GitRunner, lock: RunLock, prefix: string): Promise<void> {
  const refs = await listRefs(git, prefix);
  if (refs.length === 0) return;
  lock.assertHeld();
  await git.bytes(['update-ref', '--no-deref', '-z', '--stdin'], {
    input: refs.map((ref) => `delete ${ref.name}\0${ref.oid}\0`).join(''),
  });
}

function ours(name: string): string {
  if (!OURS.test(name) || /[*?[\s]|\.\./.test(name)) throw new WeldError('INTERNAL', `"${name}" is not a ref of Weld.`);
  return name;
}
