import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno } from '../errors';

/** @returns sha256 in hex */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Size in bytes and sha256 of a file of any size, or null when there is none. What is no regular file counts as none.
 */
export async function digestFile(file: string): Promise<{ readonly size: number; readonly sha256: string } | null> {
  try {
    const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if (!(await handle.stat()).isFile()) {
      await handle.close();
      return null;
    }
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of handle.createReadStream() as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      hash.update(chunk);
    }
    return { size, sha256: hash.digest('hex') };
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return null;
    throw error;
  }
}
