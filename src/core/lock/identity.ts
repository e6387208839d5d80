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

let me: Identity | undefined;

let name = { host: '', at: -Infinity };

/**
 * A machine may get another name while we run; asked for once a second, because asking takes longer than a look at a
 * file.
 */
function hostname(): string {
  const at = Date.now();
  if (Math.abs(at - name.at) > 1_000) name = { host: os.hostname(), at };
  return name.host;
}

export const realProcesses: Processes = {
  self() {
    if (me?.pid === process.pid && me.host === hostname()) return me;
    const boot = bootSession();
    const space = orNull(() => fs.readlinkSync('/proc/self/ns/pid'));
    const started = procStat(process.pid)?.startedAt;
    me = {
      pid: process.pid,
      host: hostname(),
      ...(boot !== undefined && { boot_id: boot }),
      ...(space !== null && { pid_ns: space }),
      ...(started !== undefined && { pid_started_at: started }),
    };
    return me;
  },
  mayLive(pid, startedAt) {
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
  },
};
