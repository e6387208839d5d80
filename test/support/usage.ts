import * as fs from 'node:fs';
import { TICKS } from './cpu';
import { all } from './processes';

/** A process and all that it started, directly or not, as far as they still run. */
export function treeOf(top: number): number[] {
  const everyone = all();
  const found = [top];
  for (const pid of found) found.push(...everyone.filter(({ parent }) => parent === pid).map((one) => one.pid));
  return found;
}

/** Processor seconds of these processes, with those of children that have ended. One that is gone counts as 0. */
export function processorSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readOr(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS;
}

/** Number of files and folders that the system watches for these processes. */
export function watchesOf(pids: readonly number[]): number {
  const counts = pids.flatMap((pid) =>
    namesIn(`/proc/${pid}/fdinfo`).map((fd) => readOr(`/proc/${pid}/fdinfo/${fd}`).match(/^inotify /gmu)?.length ?? 0),
  );
  return counts.reduce((sum, one) => sum + one, 0);
}

/** Empty when the process has ended meanwhile. */
function readOr(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
