import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import type { Logger } from '../logger';
import { startDirectly } from './direct';
import { inheritedEnvironment, shownCommand } from './environment';
import { MARKER_VARIABLE } from './family';
import { follow } from './follow';
import type { Running } from './running';
import { startSupervisor } from './supervised';
import type { Ended, ProgramRequest, ProgramResult, Programs, SupervisedRequest } from './types';
import { eraseWorker, recordWorker } from './workers';

export interface ProgramsOptions {
  readonly log: Logger;
  /** Absolute path of the bundled supervisor, `dist/supervisor.js`. */
  readonly supervisorPath: string;
}

export function createPrograms({ log, supervisorPath }: ProgramsOptions): Programs {
  const active = new Set<Running>();

  const prepare = (request: ProgramRequest): { id: string; env: Record<string, string> } => {
    const id = randomUUID();
    const env = { ...(request.env ?? inheritedEnvironment()) };
    const outer = process.env[MARKER_VARIABLE];
    env[MARKER_VARIABLE] = outer === undefined ? id : `${outer},${id}`; // what we start belongs to who started us as well
    return { id, env };
  };

  const known = <R extends Running>(running: R): R => {
    active.add(running);
    void running.gone.then(() => active.delete(running));
    return running;
  };

  const through = async (running: Running, request: ProgramRequest, signals: readonly AbortSignal[]): Promise<ProgramResult> => {
    const result = named(await follow(running, request, signals, log), request);
    const what = shownCommand(request.file, request.shownArgs ?? request.args);
    log.info(`${what}: ${sentence(result.ended)} in ${Math.round(result.durationMs)} ms`);
    return result;
  };

  return {
    async run(request) {
      if (request.signal?.aborted) return nothingDone({ how: 'cancelled' });
      const { id, env } = prepare(request);
      return through(known(startDirectly(request, env, id)), request, request.signal ? [request.signal] : []);
    },

    async supervise(request: SupervisedRequest) {
      const { lock } = request;
      lock.assertHeld();
      if (request.signal?.aborted) return nothingDone({ how: 'cancelled' });
      const { id, env } = prepare(request);
      const running = known(startSupervisor(supervisorPath, request, env, id));
      try {
        if (running.pid !== undefined) await recordWorker(lock, id, running.pid, request.file);
        lock.assertHeld();
      } catch (error) {
        running.end(0);
        throw error;
      }
      log.info(`starting ${shownCommand(request.file, request.shownArgs ?? request.args)} in ${request.cwd}`);
      running.begin();
      const result = await through(running, request, request.signal ? [request.signal, lock.signal] : [lock.signal]);
      if ((await running.gone).length === 0) await eraseWorker(lock, id);
      return result;
    },

    async endAll(graceMs) {
      const all = [...active];
      for (const running of all) running.end(graceMs);
      const survivors = await Promise.all(all.map((running) => running.gone));
      return survivors.every((pids) => pids.length === 0);
    },
  };
}

/** A folder that is not there is reported by the system as a program that is not there. */
function named(result: ProgramResult, { file, cwd }: ProgramRequest): ProgramResult {
  if (result.ended.how !== 'missing' || fs.existsSync(cwd)) return result;
  return { ...result, ended: { how: 'crashed', why: `${file} could not be started, because the folder ${cwd} is not there` } };
}

function nothingDone(ended: Ended): ProgramResult {
  return { ended, exitCode: -1, stdout: new Uint8Array(), stderr: new Uint8Array(), truncated: false, durationMs: 0 };
}

/** How a program ended, as words for the log and for check outputs. */
export function sentence(ended: Ended): string {
  switch (ended.how) {
    case 'exited': return `exit ${ended.exitCode}`;
    case 'signalled': return `ended by ${ended.signal}`;
    case 'timeout': return `ended by its time limit of ${seconds(ended.afterMs)}`;
    case 'silent': return `ended, because it printed nothing for ${seconds(ended.afterMs)}`;
    case 'cancelled': return 'cancelled';
    case 'missing': return `${ended.file} is not installed or not on the PATH`;
    case 'crashed': return ended.why;
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
