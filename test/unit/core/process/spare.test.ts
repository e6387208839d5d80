import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPrograms } from '../../../../src/core/process';
import { supervisionOf } from '../../../../src/core/process/supervision';
import { orNull } from '../../../../src/core/util/files';
import { silentLogger } from '../../../../src/core/util/logger';
import { environmentHolds, parentOf, running } from '../../../support/processes';
import { until } from '../../../support/run';
import { storage } from '../../../support/storage';
import { alive, bundledSupervisor, heldLock, pidIn, temporaryFolder } from './support';

/** Programs that keep a supervisor waiting until the test ends, or `close` is called. */
function warm() {
  const top = temporaryFolder();
  const lock = heldLock(top);
  const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });
  const supervision = supervisionOf(programs);
  const spare = supervision.keepSpare(lock);
  const close = (): void => {
    spare[Symbol.dispose]();
  };
  onTestFinished(close);
  supervision.prepare(lock);
  /** @returns what a script prints */
  const print = async (script: string): Promise<string> => {
    const request = { file: 'sh', args: ['-c', script], cwd: top, timeoutMs: 30_000, lock };
    const { ended, stdout } = await supervision.supervise(request);
    expect(ended).toEqual({ how: 'exited', exitCode: 0 });
    return Buffer.from(stdout).toString('utf8').trim();
  };
  return { top, programs, close, print };
}

/** The supervisors that this process has started and that still run. */
const supervisors = (): number[] =>
  running(bundledSupervisor()).flatMap(({ pid }) => (parentOf(pid) === process.pid ? [pid] : []));

const waiting = (): Promise<number> => until('a supervisor to wait', () => supervisors()[0]);

test('a program gets the supervisor that waits, and the next one another', async () => {
  const { print } = warm();
  const first = await waiting();
  expect(await print('echo $PPID')).toBe(String(first));
  await until('the first supervisor to end', () => !alive(first));
  const second = await waiting();
  expect(second).not.toBe(first);
  expect(await print('echo $PPID')).toBe(String(second));
});

test('one that was ended from outside is replaced', async () => {
  const { print } = warm();
  const killed = await waiting();
  process.kill(killed, 'SIGKILL');
  await until('it to end', () => !alive(killed));
  expect(await print('echo done')).toBe('done');
});

/** The sockets that a process has open. */
const sockets = (pid: number): string[] =>
  fs.readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const place = orNull(() => fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`)); // null when it was closed meanwhile
    return place?.startsWith('socket:') ? [place] : [];
  });

test('a program has no stream or channel of the one that waits, which has no marker of it', async () => {
  const { print, top } = warm();
  const printed = print('echo $WELD_WORKER > marker; echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done');
  const pid = await pidIn(path.join(top, 'pid'));
  const spare = await until('another to wait', () => supervisors().find((one) => one !== parentOf(pid)));
  // Standard streams and the channel of messages.
  const own = await until('its sockets', () => (sockets(spare).length >= 4 ? sockets(spare) : undefined));
  const forbidden = new Set([...own, ...sockets(process.pid)]);
  expect(sockets(pid)).toHaveLength(3);
  expect(sockets(pid).filter((socket) => forbidden.has(socket))).toEqual([]);
  const marker = fs.readFileSync(path.join(top, 'marker'), 'utf8').trim().split(',').at(-1) ?? '';
  expect([pid, spare].map((one) => environmentHolds(one, marker))).toEqual([true, false]);
  fs.writeFileSync(path.join(top, 'go'), '');
  await printed;
});

test('none is left when its time is over, and none begins after', async () => {
  const { print, close } = warm();
  await waiting();
  close();
  await until('it to end', () => supervisors().length === 0);
  expect(await print('echo done')).toBe('done');
  await until('the one of the program to end', () => supervisors().length === 0);
});

test('none is left when all programs are ended', async () => {
  const { programs } = warm();
  await waiting();
  expect(await programs.endAll(1_000)).toBe(true);
  expect(supervisors()).toEqual([]);
});
