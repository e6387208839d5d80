import * as fs from 'node:fs';
import * as os from 'node:os';
import { bootSession } from '../system/boot';
import { isThread, procStat } from '../system/processes';
import { isErrno } from '../util/errors';
import { orNull } from '../util/files';
import { NO_PID } from './record';

/** Which process on which machine: enough to tell a process from a later one with the same number. */
export interface Identity {
  readonly pid: number;
  readonly host: string;
  /** Changes with every start of the machine; Linux and macOS. */
  readonly boot_id?: string;
  /** Pids mean something only within it; Linux only. */
  readonly pid_ns?: string;
  /** The process's start in clock ticks since the machine's start; Linux only. */
  readonly pid_started_at?: string;
}

/** Who we are and who lives; injected, so that tests can show other machines and reused pids. */
export interface Processes {
  self(): Identity;
  /** False only where it is certain: gone, a zombie, a thread's number, or started at another time. */
  mayLive(pid: number, startedAt: string | undefined): boolean;
}

/** A machine may get another name while we run. It is asked for at most this often, in ms: asking is slow. */
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
      // EPERM is the answer of a process that lives and belongs to somebody else.
      if (isErrno(error, 'ESRCH')) return false;
    }
    const seen = procStat(pid);
    if (!seen) return true;
    if (seen.ended) return false;
    if (startedAt !== undefined && seen.startedAt !== startedAt) return false;
    // A start time that fits has settled it; without one a thread's number, which holds no lock, could be taken for one.
    return startedAt !== undefined || !isThread(pid);
  }
}

/** Everything but the host's name, which may change. */
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
