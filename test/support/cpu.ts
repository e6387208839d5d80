import * as fs from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that node runs on. */
const TICKS = 100;

/**
 * Processor seconds of all programs that this process started and saw end, with theirs. Walls tell more of what else
 * runs on a machine than of the tests. @returns null where the system does not tell
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
