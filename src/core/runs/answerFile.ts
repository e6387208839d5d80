import * as path from 'node:path';
import { readBounded, type Unread } from '../artifacts/bounded';
import { WeldError } from '../errors';

/** A larger file is no answer of an agent. In bytes. */
const MOST_BYTES = 20 * 1024 * 1024;

/**
 * Reads an agent's answer that the person chose, verbatim.
 * @param file absolute, or relative to the repository's top
 * @throws WeldError `INVALID_ARGUMENT` naming the file and what is wrong with it
 */
export async function readAnswerFile(top: string, file: string): Promise<string> {
  const absolute = path.resolve(top, file);
  const refuse = (why: string, cause?: unknown): WeldError =>
    new WeldError('INVALID_ARGUMENT', `${absolute} ${why}; choose a Markdown or text file.`, { cause });
  const found = await readBounded(absolute, { most: MOST_BYTES, follow: true });
  if (found.how !== 'read') throw refuse(fault(found), found.how === 'failed' ? found.cause : undefined);
  const { bytes } = found;
  if (bytes.subarray(0, 8000).includes(0)) throw refuse('is binary');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); // a byte-order mark is part of what is kept
  } catch (error) {
    throw refuse('is not UTF-8 text', error);
  }
}

function fault(found: Unread): string {
  switch (found.how) {
    case 'missing':
      return 'is not there';
    case 'link':
      return 'is a link that leads nowhere';
    case 'folder':
    case 'special':
      return 'is not a file';
    case 'large':
      return `is ${Math.round(found.size / 1e6)} MB long`;
    case 'denied':
      return 'may not be read';
    case 'failed':
      return `cannot be read (${found.why})`;
  }
}
