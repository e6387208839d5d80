import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';

/** One living process; zombies are not listed, because nothing of them runs any more. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The session on Linux, the process group elsewhere: what children stay in unless they leave it on purpose. */
  readonly session: number;
  /** When it started, in the system's own words: tells a process from a later one with the same pid. */
  readonly startedAt: string;
}

/** All living processes of this machine that this process may see. On Windows none: there `taskkill` knows the tree. */
export function listProcesses(): ProcessEntry[] {
  if (process.platform === 'win32') return [];
  return process.platform === 'linux' ? listFromProc() : listFromPs();
}

/** @returns when the process started, or null when it is gone, a zombie, or cannot be asked */
export function startOf(pid: number): string | null {
  if (process.platform === 'linux') return entryFromProc(pid)?.startedAt ?? null;
  if (process.platform === 'win32') return null;
  return parsePs(ps(['-o', PS_COLUMNS, '-p', String(pid)]))[0]?.startedAt ?? null;
}

/** Whether a process was started with `marker` somewhere in its environment. False where that cannot be read. */
export function hasMarker(pid: number, marker: string): boolean {
  try {
    if (process.platform === 'linux') return fs.readFileSync(`/proc/${pid}/environ`).includes(marker);
  } catch {
    return false; // it is gone or another user's
  }
  return process.platform === 'darwin' && ps(['-E', '-ww', '-o', 'command=', '-p', String(pid)]).includes(marker);
}

function listFromProc(): ProcessEntry[] {
  const found: ProcessEntry[] = [];
  for (const name of fs.readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? entryFromProc(Number(name)) : null;
    if (entry) found.push(entry);
  }
  return found;
}

function entryFromProc(pid: number): ProcessEntry | null {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The program's name, in brackets, may hold blanks and brackets itself; fields are counted after the last one.
  const [state, parent, , session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === 'Z' || state === 'X') return null;
  return { pid, parent: Number(parent), session: Number(session), startedAt: rest[15] ?? '' };
}

const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

function listFromPs(): ProcessEntry[] {
  return parsePs(ps(['-ax', '-o', PS_COLUMNS]));
}

function ps(args: readonly string[]): string {
  const ran = spawnSync('ps', args, { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' }, maxBuffer: 32 * 1024 * 1024 });
  return ran.status === 0 ? ran.stdout : '';
}

/** @param text what `ps -o pid=,ppid=,pgid=,stat=,lstart=` printed */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    if (!parts || parts[4]?.startsWith('Z')) return [];
    return [{ pid: Number(parts[1]), parent: Number(parts[2]), session: Number(parts[3]), startedAt: parts[5] ?? '' }];
  });
}
