import * as fs from 'node:fs';

/** A process as shown by /proc (Linux). */
interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly command: string;
}

/** Every process of the machine. */
export function all(): Seen[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [
          {
            pid: Number(name),
            parent: Number(parent),
            state,
            command: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
          },
        ];
      } catch {
        return []; // ended meanwhile
      }
    });
}

/**
 * The pid outside a sandbox of a process that reported its pid inside: a sandbox has its own numbers. @param text in
 * its command line @returns undefined if it does not run
 */
export function pidOutside(inside: number, text: string): number | undefined {
  return running(text).find(({ pid }) => {
    try {
      const own = /^NSpid:.*?(\d+)$/mu.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(own) === inside;
    } catch {
      return false; // ended meanwhile
    }
  })?.pid;
}

/** Whether the process runs; a zombie does not count. */
export const alive = (pid: number): boolean => all().some((one) => one.pid === pid && one.state !== 'Z');

/** 0 if there is no such process. */
export const parentOf = (pid: number): number => all().find((one) => one.pid === pid)?.parent ?? 0;

/** All processes except this one. */
export const runningPids = (): number[] =>
  all()
    .filter((one) => one.pid !== process.pid && one.state !== 'Z')
    .map((one) => one.pid);

/** Pids of running processes whose environment contains a text, except this one. */
export const withEnvironment = (text: string): number[] => runningPids().filter((pid) => environmentHolds(pid, text));

/** False if the environment cannot be read. */
export function environmentHolds(pid: number, text: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`).includes(text);
  } catch {
    return false;
  }
}

/** Running processes whose command line contains a text, except this one. */
export const running = (text: string): Seen[] =>
  all().filter((one) => one.pid !== process.pid && one.state !== 'Z' && one.command.includes(text));
