import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { predecessorsGone } from '../../../../src/core/process/index';
import { hasMarker, listProcesses, startOf } from '../../../../src/core/process/table';
import { bundled } from '../../../support/bundles';
import { until } from '../../../support/run';
import { alive, bundledSupervisor, filesIn, heldLock, pidIn, temporaryFolder } from './support';

const HOST = bundled('test/unit/core/process/host.ts');

interface Host {
  readonly top: string;
  readonly pid: number;
  /** Of the program, of what it detached, and of its supervisor. */
  readonly program: number;
  readonly detached: number;
  readonly supervisor: number;
  readonly marker: string;
}

/** A host whose program ignores SIGTERM where asked to, and has forked twice into a session of its own. */
async function host(options: { stubborn: boolean }): Promise<Host> {
  const top = temporaryFolder();
  fs.mkdirSync(path.join(top, '.weld'));
  const trap = options.stubborn ? 'trap "" TERM;' : '';
  const script = `${trap} (setsid sh -c '${trap} (echo $$ > /dev/null; exec sh -c "${options.stubborn ? "trap '' TERM;" : ''} echo \\$\\$ > detached; while :; do sleep 1; done") &' &); echo $WELD_WORKER > marker; echo $$ > program; while :; do sleep 1; done`;
  fs.writeFileSync(path.join(top, 'run.sh'), script);
  const child = spawn(process.execPath, [HOST, bundledSupervisor(), top, 'sh', 'run.sh'], { stdio: 'ignore' });
  const program = await pidIn(path.join(top, 'program'));
  const detached = await pidIn(path.join(top, 'detached'));
  const marker = fs.readFileSync(path.join(top, 'marker'), 'utf8').trim().split(',').at(-1) ?? '';
  const supervisor = listProcesses().find((entry) => entry.pid === program)?.parent ?? 0;
  onTestFinished(() => {
    for (const pid of [child.pid ?? 0, supervisor, program, detached]) if (pid > 1 && alive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { top, pid: child.pid ?? 0, program, detached, supervisor, marker };
}

const family = (marker: string): number[] => listProcesses().filter((entry) => hasMarker(entry.pid, marker)).map((entry) => entry.pid);

describe('when the extension host is killed', () => {
  test.each([[false], [true]])('nothing of its program lives five seconds later (ignoring SIGTERM: %s)', async (stubborn) => {
    const it = await host({ stubborn });
    expect([it.program, it.detached, it.supervisor].every(alive)).toBe(true);
    expect(filesIn(path.join(it.top, '.weld/workers'))).toHaveLength(1);
    process.kill(it.pid, 'SIGKILL');
    await until('program, descendants and supervisor to be gone', () => family(it.marker).length === 0 && ![it.program, it.detached, it.supervisor].some(alive), 5_000);
  });

  test('a successor finds the record, sees all gone and erases it', async () => {
    const it = await host({ stubborn: true });
    process.kill(it.pid, 'SIGKILL');
    const seen = await predecessorsGone(heldLock(it.top), { timeoutMs: 10_000 });
    expect(seen).toEqual({ elsewhere: [], unreadable: [] });
    expect(family(it.marker)).toEqual([]);
    expect(filesIn(path.join(it.top, '.weld/workers'))).toEqual([]);
  });

  test('a successor ends them also where the supervisor was killed with the host', async () => {
    const it = await host({ stubborn: true });
    process.kill(it.supervisor, 'SIGSTOP');
    process.kill(it.pid, 'SIGKILL');
    process.kill(it.supervisor, 'SIGKILL');
    await until('the supervisor to be gone', () => !alive(it.supervisor));
    expect([it.program, it.detached].every(alive)).toBe(true);
    await predecessorsGone(heldLock(it.top), { timeoutMs: 2_000 });
    expect(family(it.marker)).toEqual([]);
  });

  test('a successor that took over ends the programs of a host that still lives', async () => {
    const it = await host({ stubborn: false });
    await predecessorsGone(heldLock(it.top), { timeoutMs: 6_000 });
    expect(family(it.marker)).toEqual([]);
    expect(alive(it.supervisor)).toBe(false);
  });
});

describe('predecessorsGone', () => {
  const record = (top: string, more: Record<string, unknown>): string => {
    const file = path.join(top, '.weld/workers/w.json');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify({ id: 'w', marker: 'no-such-marker-here', pid: process.pid, pid_started_at: startOf(process.pid), host: 'here', boot_id: 'b', pid_ns: 'n', epoch: 3, program: 'p', ...more }));
    return file;
  };

  test('does not touch a process that only has the recorded number', async () => {
    const top = temporaryFolder();
    const stranger = spawn('sleep', ['300']);
    onTestFinished(() => { stranger.kill('SIGKILL'); });
    const file = record(top, { pid: stranger.pid, pid_started_at: '1' });
    await predecessorsGone(heldLock(top), { timeoutMs: 1_000 });
    expect(alive(stranger.pid ?? 0)).toBe(true);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('of another start of this machine nothing can live', async () => {
    const top = temporaryFolder();
    const stranger = spawn('sleep', ['300']);
    onTestFinished(() => { stranger.kill('SIGKILL'); });
    const file = record(top, { pid: stranger.pid, pid_started_at: startOf(stranger.pid ?? 0), boot_id: 'earlier', pid_ns: 'other' });
    await predecessorsGone(heldLock(top), { timeoutMs: 1_000 });
    expect(alive(stranger.pid ?? 0)).toBe(true);
    expect(fs.existsSync(file)).toBe(false);
  });

  test.each([['host', { host: 'there' }], ['pid namespace', { pid_ns: 'other' }]])('leaves and reports workers of another %s', async (_, more) => {
    const top = temporaryFolder();
    const file = record(top, more);
    expect((await predecessorsGone(heldLock(top), { timeoutMs: 1_000 })).elsewhere).toHaveLength(1);
    expect(fs.existsSync(file)).toBe(true);
  });

  test('leaves its own epoch alone', async () => {
    const top = temporaryFolder();
    const file = record(top, { epoch: 7 });
    expect(await predecessorsGone(heldLock(top), { timeoutMs: 1_000 })).toEqual({ elsewhere: [], unreadable: [] });
    expect(fs.existsSync(file)).toBe(true);
  });

  test.each([['no JSON', '{'], ['other fields', '{"a":1}'], ['another id', JSON.stringify({ id: '../../x', marker: 'm', pid: 1, program: 'p' })]])('names a damaged record (%s) and leaves it', async (_, text) => {
    const top = temporaryFolder();
    const file = record(top, {});
    fs.writeFileSync(file, text);
    expect((await predecessorsGone(heldLock(top), { timeoutMs: 1_000 })).unreadable).toEqual([file]);
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
  });

  test('without records there is nothing to see', async () => {
    expect(await predecessorsGone(heldLock(temporaryFolder()), { timeoutMs: 1_000 })).toEqual({ elsewhere: [], unreadable: [] });
  });
});
