import type { GitRunner } from './run-git';
import type { Oid } from './types';

/** @returns the contents of objects by their ids; one that git does not have is left out */
export async function readBlobs(git: GitRunner, ids: readonly Oid[]): Promise<ReadonlyMap<Oid, Buffer>> {
  const found = new Map<Oid, Buffer>();
  if (ids.length === 0) return found;
  const told = Buffer.from(await git.bytes(['cat-file', '--batch'], { input: `${[...new Set(ids)].join('\n')}\n` }));
  for (let at = 0; at < told.length; ) {
    const end = told.indexOf(10, at);
    const [id = '', type = '', size = ''] = told.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue; // "<id> missing"
    found.set(id, told.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}
