import { WeldError } from '../errors';
import type { RunLock } from '../lock/types';
import { oid } from './diff';
import type { GitRunner } from './run-git';
import type { Oid } from './types';

/** Nothing of Weld ever writes a ref elsewhere; those of one work tree are what only it may see. */
const OURS = /^refs\/(?:worktree\/)?weld\//u;

export interface Ref {
  readonly name: string;
  readonly oid: Oid;
}

export async function listRefs(git: GitRunner, prefix: string): Promise<Ref[]> {
  const lines = await git.text(['for-each-ref', '--format=%(refname) %(objectname)', ours(prefix).replace(/\/$/, '')]);
  return lines.split('\n').flatMap((line) => {
    const [name, id] = line.split(' ');
    return name !== undefined && id !== undefined && name.startsWith(prefix) ? [{ name, oid: id }] : [];
  });
}

export async function readRef(git: GitRunner, name: string): Promise<Oid | null> {
  return (await listRefs(git, name)).find((ref) => ref.name === name)?.oid ?? null;
}

export async function writeRef(git: GitRunner, lock: RunLock, name: string, to: Oid, mode: 'create' | 'replace'): Promise<void> {
  lock.assertHeld();
  // An empty old value makes git refuse a ref that exists.
  await git.bytes(['update-ref', '--no-deref', ours(name), oid(to), ...(mode === 'create' ? [''] : [])]);
}

export async function deleteRefs(git: GitRunner, lock: RunLock, prefix: string): Promise<void> {
  const refs = await listRefs(git, prefix);
  if (refs.length === 0) return;
  lock.assertHeld();
  await git.bytes(['update-ref', '--no-deref', '-z', '--stdin'], { input: refs.map((ref) => `delete ${ref.name}\0${ref.oid}\0`).join('') });
}

function ours(name: string): string {
  if (!OURS.test(name) || /[*?[\s]|\.\./.test(name)) throw new WeldError('INTERNAL', `"${name}" is not a ref of Weld.`);
  return name;
}
