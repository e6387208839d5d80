import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import type { RunLock } from '../lock/runLock';
import { MARKER_VARIABLE } from '../system/processes';
import { exactSeconds } from '../util/duration';
import type { Logger } from '../util/logger';
import { assertSupported } from '../util/supported';
import { startDirectly } from './direct';
import { follow, redactedOutput } from './follow';
import type { Ended, ProgramRequest, ProgramResult, Programs, SupervisedRequest } from './ports';
import { inheritedEnvironment, locateProgram, missingInterpreter, shownCommand, withAbsolutePath } from './resolve';
import { SpareSupervisor } from './spare';
import { type Running, type Supervised, startSupervisor } from './supervised';
import { withSupervision } from './supervision';
import { eraseWorker, recordWorker } from './workers';

export interface ProgramsOptions {
  readonly log: Logger;
  /** Absolute path of the bundled supervisor, `dist/supervisor.js`. */
  readonly supervisorPath: string;
  /** Absolute path of the extension's global storage, which has the sealed records of workers. */
  readonly storage: string;
  /** Default: the current platform. */
  readonly platform?: NodeJS.Platform;
}

/** The one program that unsupported platforms may run, because it only reads: without it no run could be shown. */
const READS = 'git';

export function createPrograms({
  log,
  supervisorPath,
  storage,
  platform = process.platform,
}: ProgramsOptions): Programs {
  const active = new Set<Running>();

  const prepare = (
    request: ProgramRequest,
  ): { id: string; env: Record<string, string>; ready: ProgramRequest } | null => {
    const id = randomUUID();
    const given = request.env ?? inheritedEnvironment();
    const located = locateProgram(request.file, {
      cwd: request.cwd,
      env: given,
      ...(request.inRepository && { inRepository: true }),
    });
    if (located.how === 'missing') return null;
    // A check may find its own programs anywhere: it belongs to the repository.
    const env = request.inRepository ? { ...given } : withAbsolutePath(given);
    const outer = process.env[MARKER_VARIABLE];
    // Our programs also belong to the family of the program that started us.
    env[MARKER_VARIABLE] = outer === undefined ? id : `${outer},${id}`;
    return { id, env, ready: { ...request, file: located.file } };
  };

  const known = <R extends Running>(running: R): R => {
    active.add(running);
    void running.gone.then(() => active.delete(running));
    return running;
  };

  const through = async (
    running: Running,
    request: ProgramRequest,
    found: string,
    signals: readonly AbortSignal[],
  ): Promise<ProgramResult> => {
    const result = named(await follow(running, request, signals, log), request, found);
    const what = shownCommand(request.file, request.shownArgs ?? request.args);
    log.info(`${what}: ${sentence(result.ended)} in ${Math.round(result.durationMs)} ms`);
    return result;
  };

  const missing = (request: ProgramRequest): ProgramResult => {
    const result = named(nothingDone({ how: 'missing', file: request.file }), request);
    log.info(`${shownCommand(request.file, request.shownArgs ?? request.args)}: ${sentence(result.ended)}`);
    return result;
  };

  const programs: Programs = {
    async run(request) {
      if (request.file !== READS) assertSupported(platform);
      if (request.signal?.aborted) return nothingDone({ how: 'cancelled' });
      const prepared = prepare(request);
      if (prepared === null) return missing(request);
      const { id, env, ready } = prepared;
      return through(known(startDirectly(ready, env, id)), request, ready.file, request.signal ? [request.signal] : []);
    },

    async endAll(graceMs) {
      const all = [...active];
      for (const running of all) running.end(graceMs);
      const survivors = await Promise.all(all.map((running) => running.gone));
      return survivors.every((pids) => pids.length === 0);
    },
  };
  const spares = new WeakMap<RunLock, SpareSupervisor>();
  const startKnown = (): Supervised => known(startSupervisor(supervisorPath));
  return withSupervision(programs, {
    supervisorPath,
    keepSpare(lock) {
      const spare = new SpareSupervisor(startKnown);
      spares.set(lock, spare);
      return spare;
    },
    prepare: (lock) => spares.get(lock)?.prepare(),
    async supervise(request: SupervisedRequest) {
      const { lock } = request;
      assertSupported(platform);
      lock.assertHeld();
      if (request.signal?.aborted) return nothingDone({ how: 'cancelled' });
      const prepared = prepare(request);
      if (prepared === null) return missing(request);
      const { id, env, ready } = prepared;
      const spare = spares.get(lock);
      let running = spare?.take() ?? startKnown();
      const record = async (): Promise<void> => {
        try {
          if (running.pid !== undefined) await recordWorker(lock, storage, id, running.pid, request.file);
          lock.assertHeld();
        } catch (error) {
          running.end(0);
          throw error;
        }
      };
      await record();
      if (spare && !running.waits()) {
        running = startKnown(); // somebody ended the one that had waited
        await record();
      }
      log.info(`starting ${shownCommand(request.file, request.shownArgs ?? request.args)} in ${request.cwd}`);
      running.begin({ ...ready, ...(request.sandbox && { sandbox: request.sandbox }) }, env, id);
      spare?.prepare(); // for the next guest, while this one is at work
      const output = redactedOutput(request, env, log);
      const signals = request.signal ? [request.signal, lock.signal] : [lock.signal];
      const [result] = await Promise.all([
        through(running, output.request, ready.file, signals),
        running.gone.then((survivors) => (survivors.length === 0 ? eraseWorker(lock, storage, id) : undefined)),
      ]);
      return output.result(result);
    },
  });
}

/** Corrects `missing`: the system also reports a missing folder or interpreter that way. */
function named(result: ProgramResult, { file, cwd }: ProgramRequest, found?: string): ProgramResult {
  if (result.ended.how !== 'missing') return result;
  const why = !fs.existsSync(cwd)
    ? `the folder ${cwd} does not exist`
    : found === undefined
      ? null
      : missingInterpreter(found);
  if (why === null) return { ...result, ended: { how: 'missing', file } };
  return { ...result, ended: { how: 'crashed', why: `${file} could not be started, because ${why}` } };
}

function nothingDone(ended: Ended): ProgramResult {
  return { ended, exitCode: -1, stdout: new Uint8Array(), stderr: new Uint8Array(), truncated: false, durationMs: 0 };
}

/** How a program ended, in words for the log and for check output. */
export function sentence(ended: Ended): string {
  switch (ended.how) {
    case 'exited':
      return `exit ${ended.exitCode}`;
    case 'signalled':
      return `ended by ${ended.signal}`;
    case 'timeout':
      return `ended by its time limit of ${exactSeconds(ended.afterMs)}`;
    case 'silent':
      return `ended, because it printed nothing for ${exactSeconds(ended.afterMs)}`;
    case 'cancelled':
      return 'cancelled';
    case 'missing':
      return `${ended.file} is not installed or not on the PATH`;
    case 'crashed':
      return ended.why;
  }
}
