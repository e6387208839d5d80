import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno, reason, WeldError } from '../errors';

/** A larger file is no answer of an agent. In bytes. */
const MOST_BYTES = 20 * 1024 * 1024;

/**
 * Reads an agent's answer that the person chose, verbatim.
 * @param file absolute, or relative to the repository's top
 * @throws WeldError `INVALID_ARGUMENT` naming the file and what is wrong with it
 */
export async function readAnswerFile(top: string, file: string): Promise<string> {
  const absolute = path.resolve(top, file);
  const refuse = (why: string, cause?: unknown): WeldError => new WeldError('INVALID_ARGUMENT', `${absolute} ${why}; choose a Markdown or text file.`, { cause });
  let bytes: Uint8Array;
  try {
    const stat = await fs.stat(absolute);
    if (!stat.isFile()) throw refuse('is not a file');
    if (stat.size > MOST_BYTES) throw refuse(`is ${Math.round(stat.size / 1e6)} MB long`);
    bytes = await fs.readFile(absolute);
  } catch (error) {
    if (error instanceof WeldError) throw error;
    throw refuse(isErrno(error, 'ENOENT') ? 'is not there' : `cannot be read (${reason(error)})`, error);
  }
  if (bytes.subarray(0, 8000).includes(0)) throw refuse('is binary');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); // a byte-order mark is part of what is kept
  } catch (error) {
    throw refuse('is not UTF-8 text', error);
  }
}
