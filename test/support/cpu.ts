import * as fs from 'node:fs';

/** Clock ticks per second in /proc: 100 on every Linux that Node supports. */
export const TICKS = 100;

/**
 * CPU seconds of all ended child processes and their descendants. Wall time says more about the machine's load than
 * about the tests.
 * @returns null if the system does not report it
 */
export function childrenSeconds(): number | null {
  try {
    const fields = fs
      .readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /u, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) / TICKS;
  } catch {
    return null;
  }
}
