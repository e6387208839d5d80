import { WeldError } from '../errors';
import type { GitRunner } from './run-git';
import type { Oid } from './types';

/** So much is given to git at once, in bytes. */
export const BATCH_BYTES = 32 * 1024 * 1024;

/** Writes contents as objects, by one start of git. @returns their ids, in order */
export async function writeBlobs(git: GitRunner, contents: readonly Uint8Array[], signal?: AbortSignal): Promise<Oid[]> {
  if (contents.length === 0) return [];
  const parts = contents.flatMap((content, i) => [Buffer.from(`blob\nmark :${i + 1}\ndata ${content.length}\n`), content, Buffer.from(`\nget-mark :${i + 1}\n`)]);
  const told = await git.text(['fast-import', '--quiet', '--done'], { input: Buffer.concat([...parts, Buffer.from('done\n')]), signal });
  const ids = told.split('\n').filter((line) => /^[0-9a-f]{40,64}$/u.test(line));
  if (ids.length !== contents.length) throw new WeldError('GIT_FAILED', 'git did not say how it keeps the files of runs; try again.');
  return ids;
}

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
