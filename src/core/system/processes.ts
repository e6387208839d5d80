import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { orNull } from '../util/files';

/** One living process; zombies are not listed, because they run no more code. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The session on Linux, the process group elsewhere: children stay in it unless they leave it on purpose. */
  readonly session: number;
  /** Its start time in the system's own format: it tells a process from a later one with the same pid. */
  readonly startedAt: string;
  /** Its command line and environment, if the process table shows them (macOS). */
  readonly shown?: string;
}

/** Lists all living processes that this process may see. Empty on Windows, where `taskkill` knows the tree. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  switch (process.platform) {
    case 'win32':
      return [];
    case 'linux':
      return listFromProc();
    default:
      return parsePs(await ps(['-axEww', '-o', `${PS_COLUMNS},command=`]));
  }
}

/** @returns when the process started (`startedAt`), or null when it is gone, a zombie, or cannot be read */
export async function startOf(pid: number): Promise<string | null> {
  switch (process.platform) {
    case 'win32':
      return null;
    case 'linux':
      return entryFromProc(pid)?.startedAt ?? null;
    default:
      return parsePs(await ps(['-ww', '-o', PS_COLUMNS, '-p', String(pid)]))[0]?.startedAt ?? null;
  }
}

/** Whether a process's environment has exactly this marker. False when the environment cannot be read. */
export function hasMarker({ pid, shown }: Pick<ProcessEntry, 'pid' | 'shown'>, marker: string): boolean {
  if (shown !== undefined) return marked(shown.split(/\s+/u), marker);
  try {
    return process.platform === 'linux' && marked(fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'), marker);
  } catch {
    return false; // it is gone or belongs to another user
  }
}

/** A program that was started by one of our programs has the markers of both, separated by commas. */
function marked(variables: readonly string[], marker: string): boolean {
  const name = `${MARKER_VARIABLE}=`;
  return variables.some(
    (variable) => variable.startsWith(name) && variable.slice(name.length).split(',').includes(marker),
  );
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
  const stat = procStat(pid);
  if (!stat || stat.ended) return null;
  return { pid, parent: stat.parent, session: stat.session, startedAt: stat.startedAt };
}

/** Reads what Linux shows of a process, which may be this one. @returns null on other systems, or when it is gone */
export function procStat(
  pid: number,
): (Pick<ProcessEntry, 'parent' | 'session' | 'startedAt'> & { readonly ended: boolean }) | null {
  const stat = orNull(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The program's name is in brackets and may contain spaces and brackets, so fields are counted after the last one.
  const [state, parent, , session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = rest[15];
  if (startedAt === undefined) return null;
  return { parent: Number(parent), session: Number(session), startedAt, ended: state === 'Z' || state === 'X' };
}

/** Whether a number is a thread's, not a process's: `kill` and `/proc` accept both. */
export function isThread(pid: number): boolean {
  const status = orNull(() => fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const group = /^Tgid:\s*(\d+)/mu.exec(status)?.[1];
  return group !== undefined && group !== String(pid);
}

/** The columns that `parsePs` reads. */
const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

/** Runs `ps` once for all processes. It prints times in UTC, because the local time zone can change. */
function ps(args: readonly string[]): Promise<string> {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile('ps', args, { encoding: 'utf8', env, maxBuffer: 256 * 1024 * 1024 }, (error, stdout) => {
      resolve(error ? '' : stdout);
    });
  });
}

/** The start time has a fixed form, `Mon Jan  5 12:00:00 2026`, so the command after it is not read as part of it. */
const LINE = /^ *(\d+) +(\d+) +(\d+) +(\S+) +([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})(?: (.*)|)$/su;

/** @param text output of `ps -o pid=,ppid=,pgid=,stat=,lstart=`, with or without `command=` at the end */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const parts = LINE.exec(line);
    if (!parts || parts[4]?.startsWith('Z')) return [];
    const shown = parts[6]?.trim() ?? '';
    return [
      {
        pid: Number(parts[1]),
        parent: Number(parts[2]),
        session: Number(parts[3]),
        startedAt: parts[5] ?? '',
        ...(shown !== '' && { shown }),
      },
    ];
  });
}

/** The environment variable that marks everything a program starts, even processes that leave its session. */
export const MARKER_VARIABLE = 'WELD_WORKER';
