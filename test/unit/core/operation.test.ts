import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseRunId } from '../../../src/core/artifacts/runIds';
import { readRecord, writeText } from '../../../src/core/artifacts/store';
import { inspectLock, takeOverLock } from '../../../src/core/lock';
import { withOperation } from '../../../src/core/operation';
import { SecondProcess } from '../../support/second-process';
import { makeRun, operate, snapshot } from './runs/support';

const onDisk = (file: string): { token?: string; command?: string } =>
  JSON.parse(fs.readFileSync(file, 'utf8')) as { token?: string; command?: string };

describe('an operation', () => {
  test('holds the lock from before its body to after it, and not longer', async () => {
    const { project, runId, weldDir } = await makeRun();
    const result = await operate(
      project,
      runId,
      async (op) => {
        expect(onDisk(project.paths.activeLock)).toMatchObject({
          token: op.lock.record.token,
          command: 'plan import',
          run_id: runId,
          pid: process.pid,
        });
        await writeText(op.lock, project.paths.run(runId).summary, 'x');
        return 42;
      },
      { command: 'plan import' },
    );
    expect(result).toBe(42);
    expect(await inspectLock(weldDir)).toEqual({ kind: 'free' });
    expect(fs.existsSync(project.paths.activeLock)).toBe(false);
  });

  test('can be stopped from the moment that it holds the lock, and then does not begin', async () => {
    const { project, runId, weldDir } = await makeRun();
    const abort = new AbortController();
    let ran = false;
    const stopped = withOperation(
      project,
      {
        runId,
        command: 'step loop 1',
        signal: abort.signal,
        report: () => undefined,
        held: (lock) => {
          expect(onDisk(project.paths.activeLock).token).toBe(lock.record.token);
          abort.abort();
        },
      },
      async () => {
        ran = true;
      },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(ran).toBe(false);
    expect(await inspectLock(weldDir)).toEqual({ kind: 'free' });
  });

  test('releases when its body throws or is cancelled', async () => {
    const { project, runId, weldDir } = await makeRun();
    await expect(operate(project, runId, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(await inspectLock(weldDir)).toEqual({ kind: 'free' });
    const abort = new AbortController();
    const running = operate(
      project,
      runId,
      (op) =>
        new Promise((_, reject) => {
          op.signal.addEventListener('abort', () => {
            reject(new Error('stopped'));
          });
          abort.abort();
        }),
      { signal: abort.signal },
    );
    await expect(running).rejects.toThrow('stopped');
    expect(await inspectLock(weldDir)).toEqual({ kind: 'free' });
  });

  test('notes its command in the run when it succeeds, once', async () => {
    const { project, runId } = await makeRun();
    await operate(project, runId, () => Promise.resolve(), { command: 'step select 1' });
    await operate(project, runId, () => Promise.reject(new Error('boom')), { command: 'step loop 1' }).catch(
      () => undefined,
    );
    const meta = await readRecord(
      project.paths.run(runId).meta,
      z.looseObject({ command_history: z.array(z.looseObject({ command: z.string() })) }),
    );
    expect(meta?.command_history.map((entry) => entry.command)).toEqual(['run start', 'step select 1']);
  });

  test('is refused while another process works, and writes nothing', async () => {
    const { project, runId, weldDir, top } = await makeRun();
    const other = await SecondProcess.hold(weldDir, runId, 'step loop 2');
    try {
      const files = (): Record<string, string> =>
        snapshot(top, (name) => name.startsWith('.weld/lock') || name === '.weld/active.lock');
      const before = files();
      let ran = false;
      const refused = operate(project, runId, async () => {
        ran = true;
      });
      await expect(refused).rejects.toMatchObject({
        code: 'LOCK_HELD',
        holder: { pid: other.pid, command: 'step loop 2' },
      });
      expect(ran).toBe(false);
      expect(files()).toEqual(before);
      expect(onDisk(project.paths.activeLock).token).toBe(other.record.token);
    } finally {
      await other.release();
    }
  });

  test('waits when asked to, and can be cancelled while it waits', async () => {
    const { project, runId, weldDir } = await makeRun();
    const other = await SecondProcess.hold(weldDir, runId);
    const request = { runId, command: 'test', signal: new AbortController().signal, report: () => undefined };
    const abort = new AbortController();
    const given = withOperation(project, { ...request, wait: { timeoutMs: 20_000, signal: abort.signal } }, () =>
      Promise.resolve('no'),
    );
    abort.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    const waiting = withOperation(project, { ...request, wait: { timeoutMs: 20_000 } }, () => Promise.resolve('done'));
    await other.release();
    expect(await waiting).toBe('done');
  });

  test('that loses the lock is told at once, writes no more, and leaves the new holder alone', async () => {
    const { project, runId, weldDir } = await makeRun();
    let successor: Awaited<ReturnType<typeof takeOverLock>> | undefined;
    const lost = operate(project, runId, async (op) => {
      successor = await takeOverLock(weldDir, op.lock.record.token ?? '', { runId, command: 'taken' });
      const told = new Promise((resolve) => op.signal.addEventListener('abort', resolve, { once: true }));
      await expect(writeText(op.lock, project.paths.run(runId).summary, 'late')).rejects.toMatchObject({
        code: 'LOCK_LOST',
      });
      await told;
      throw new Error('stopped');
    });
    await expect(lost).rejects.toThrow('stopped');
    expect(fs.existsSync(project.paths.run(runId).summary)).toBe(false);
    expect(onDisk(project.paths.activeLock)).toMatchObject({ token: successor?.record.token, command: 'taken' });
    await successor?.release();
  });

  test('continues after a crashed holder', async () => {
    const { project, runId, weldDir } = await makeRun();
    const other = await SecondProcess.hold(weldDir, runId);
    await other.kill();
    expect((await inspectLock(weldDir)).kind).toBe('stale');
    expect(await operate(project, runId, () => Promise.resolve('on'))).toBe('on');
  });
});

describe('a wrong run', () => {
  test('is refused with nothing written', async () => {
    const { project, top } = await makeRun();
    const runId = parseRunId('20260105-120000-nothing');
    const before = snapshot(top);
    await expect(operate(project, runId, () => Promise.resolve())).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(snapshot(top)).toEqual(before);
  });

  test('a run folder that is a link is no run', async () => {
    const { project, runId, top } = await makeRun();
    fs.renameSync(project.paths.run(runId).root, `${top}/elsewhere`);
    fs.symlinkSync(`${top}/elsewhere`, project.paths.run(runId).root);
    await expect(operate(project, runId, () => Promise.resolve())).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
