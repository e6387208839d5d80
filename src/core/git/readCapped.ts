import * as fs from 'node:fs/promises';
import { constants } from 'node:fs';

/** The content of a plain file, never of a FIFO or a device. @param most bytes @returns null for anything else, and for what is longer */
export async function readCapped(file: string, most: number): Promise<Buffer | null> {
  let handle: fs.FileHandle | undefined;
  try {
    handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > most) return null;
    return await handle.readFile();
  } catch {
    return null;
  } finally {
    await handle?.close().catch(() => undefined);
  }
}
