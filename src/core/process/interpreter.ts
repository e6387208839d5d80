import * as fs from 'node:fs';

/** A longer first line is refused by systems. In bytes. */
const FIRST_LINE = 256;

/**
 * Why the system says of a program that is there that it is not: the interpreter that its first line names is missing.
 * @returns a clause to follow "because", or null when the file names none
 */
export function missingInterpreter(file: string): string | null {
  const line = firstLine(file);
  if (line === null || !line.startsWith('#!')) return null;
  const interpreter = line.slice(2).trim().split(/[ \t]/u, 1)[0] ?? '';
  return line.endsWith('\r')
    ? `its first line ends with a carriage return, so that it names "${interpreter}\\r"; save it with Unix line ends`
    : `its first line names ${interpreter}, which is not there`;
}

function firstLine(file: string): string | null {
  try {
    const handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    try {
      if (!fs.fstatSync(handle).isFile()) return null;
      const bytes = Buffer.alloc(FIRST_LINE);
      return bytes.toString('latin1', 0, fs.readSync(handle, bytes, 0, FIRST_LINE, 0)).split('\n', 1)[0] ?? null;
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return null;
  }
}
