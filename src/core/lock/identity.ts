import * as fs from 'node:fs';
import * as os from 'node:os';
import { bootSession } from '../system/boot';
import { isThread, procStat } from '../system/processes';
import { isErrno } from '../util/errors';
import { orNull } from '../util/files';
import { NO_PID } from './record';

/** A process and its machine, with enough data to tell the process from a later one with the same pid. */
export interface Identity {
  readonly pid: number;
  readonly host: string;
  /** Changes with every start of the machine; Linux and macOS. */
  readonly boot_id?: string;
  /** The namespace within which pids are valid; Linux only. */
  readonly pid_ns?: string;
  /** The process's start in clock ticks since the machine's start; Linux only. */
  readonly pid_started_at?: string;
}

/** Identifies this process and checks others; injected, so that tests can imitate other machines and reused pids. */
export interface Processes {
  self(): Identity;
  /** False only when it is certain that the process is gone, a zombie, a thread, or was started at another time. */
  mayLive(pid: number, startedAt: string | undefined): boolean;
}

/** Minimum time in ms between two reads of the host's name, which may change while we run but is slow to read. */
const HOST_MS = 1_000;

/** The processes of this machine. */
export class SystemProcesses implements Processes {
  private me: Identity | undefined;
  /** When the host's name was read; wall-clock ms since 1970. */
  private hostReadAt = 0;

  self(): Identity {
    const at = Date.now();
    if (!this.me || Math.abs(at - this.hostReadAt) > HOST_MS) {
      this.me = { ...(this.me ?? thisProcess()), host: os.hostname() };
      this.hostReadAt = at;
    }
    return this.me;
  }

  mayLive(pid: number, startedAt: string | undefined): boolean {
    if (!Number.isInteger(pid) || pid <= 0 || pid >= NO_PID) return false;
    try {
      process.kill(pid, 0);
    } catch (error) {
      // EPERM means that the process lives and belongs to another user.
      if (isErrno(error, 'ESRCH')) return false;
    }
    const seen = procStat(pid);
    if (!seen) return true;
    if (seen.ended) return false;
    if (startedAt !== undefined && seen.startedAt !== startedAt) return false;
    // A matching start time is enough. Without one, check that the number is not a thread's, which holds no lock.
    return startedAt !== undefined || !isThread(pid);
  }
}

/** The identity without the host's name, which may change. */
function thisProcess(): Identity {
  const boot = bootSession();
  const space = orNull(() => fs.readlinkSync('/proc/self/ns/pid'));
  const started = procStat(process.pid)?.startedAt;
  return {
    pid: process.pid,
    host: '',
    ...(boot !== undefined && { boot_id: boot }),
    ...(space !== null && { pid_ns: space }),
    ...(started !== undefined && { pid_started_at: started }),
  };
}
