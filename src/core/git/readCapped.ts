import { readBounded } from '../artifacts/bounded';

/**
 * The content of a plain file of git's or one that a link leads to, never of a FIFO or a device. @param most bytes
 * @returns null for anything else, and for what is longer
 */
export async function readCapped(file: string, most: number): Promise<Buffer | null> {
  const read = await readBounded(file, { most, follow: true });
  return read.how === 'read' ? read.bytes : null;
}
