import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasMarker, listProcesses, type ProcessEntry } from '../system/processes';

/**
 * A program and all its descendants, found by the marker in the environment, by parent and by session. `look` remembers
 * them, so a process that clears its environment and detaches stays known if seen before.
 */
export class Family {
  private readonly members = new Map<number, string>();
  private readonly sessions = new Set<number>();
  /** Looks run one at a time: an older one that ends later would forget what the newer one saw. */
  private looking: Promise<unknown> = Promise.resolve();

  /** @param first the root process of the family, if known */
  constructor(
    private readonly marker: string,
    private readonly first?: { readonly pid: number; readonly startedAt: string | null },
  ) {}

  /** @returns the pids of the living members */
  look(): Promise<number[]> {
    const look = this.looking.then(() => this.lookNow());
    this.looking = look.catch(() => undefined);
    return look;
  }

  private async lookNow(): Promise<number[]> {
    if (process.platform === 'win32') return this.first && isAlive(this.first.pid) ? [this.first.pid] : [];
    const all = (await listProcesses()).filter((entry) => entry.pid !== process.pid);
    this.forgetTheDead(all);
    if (this.first)
      this.welcome(all.find((entry) => entry.pid === this.first?.pid && this.first.startedAt === entry.startedAt));
    let others = all.filter((entry) => !this.members.has(entry.pid));
    for (const entry of others) if (!this.isOlder(entry) && hasMarker(entry, this.marker)) this.welcome(entry);
    for (let before = -1; before !== this.members.size; ) {
      before = this.members.size;
      others = others.filter((entry) => !this.members.has(entry.pid));
      for (const entry of others)
        if (this.members.has(entry.parent) || this.sessions.has(entry.session)) this.welcome(entry);
    }
    return [...this.members.keys()];
  }

  /** What started before the first process is no descendant of it: its environment need not be read. */
  private isOlder({ startedAt }: ProcessEntry): boolean {
    const first = this.first?.startedAt ?? null;
    // Only Linux counts the time from the machine's start; elsewhere nothing is saved.
    return process.platform === 'linux' && first !== null && Number(startedAt) < Number(first);
  }

  private welcome(entry: ProcessEntry | undefined): void {
    if (!entry) return;
    this.members.set(entry.pid, entry.startedAt);
    if (entry.session === entry.pid) this.sessions.add(entry.pid);
  }

  /** Pids are reused: a member counts only with its own start time, a session only while a process is in it. */
  private forgetTheDead(all: readonly ProcessEntry[]): void {
    const alive = new Map(all.map((entry) => [entry.pid, entry.startedAt]));
    for (const [pid, startedAt] of this.members) if (alive.get(pid) !== startedAt) this.members.delete(pid);
    const inUse = new Set(all.map((entry) => entry.session));
    for (const session of this.sessions) if (!inUse.has(session)) this.sessions.delete(session);
  }
}

/** How long SIGKILL is repeated before the remaining processes count as survivors, in ms. */
const KILL_MS = 5_000;

export interface Ending {
  readonly killMs?: number;
  /** The pid of a sandbox. SIGTERM would make it kill its processes at once, so it only gets SIGKILL. */
  readonly spared?: number | undefined;
}

/**
 * Ends a family: SIGTERM to each member, then SIGKILL after `graceMs` until none is left.
 * @returns the pids of survivors; normally none
 */
export async function endFamily(
  family: Family,
  graceMs: number,
  { killMs = KILL_MS, spared }: Ending = {},
): Promise<number[]> {
  const begun = performance.now();
  const asked = new Set<number>();
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    const living = await family.look();
    const age = performance.now() - begun;
    if (living.length === 0 || age > graceMs + killMs) return living;
    for (const pid of living) {
      if (process.platform === 'win32') spawnSync(taskkill(), ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
      else if (age >= graceMs) tell(pid, 'SIGKILL');
      else if (!asked.has(pid) && pid !== spared) tell(asked.add(pid) && pid, 'SIGTERM');
    }
    await sleep(age >= graceMs ? pause : Math.min(pause, Math.max(1, graceMs - age)));
  }
}

/** The taskkill of Windows by its absolute path: the working folder and the PATH may have another one. */
function taskkill(): string {
  return path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // the process has ended, or belongs to another user: the next look tells
  }
}

/** Whether a process is alive. EPERM means yes: it exists, but we may not signal it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
