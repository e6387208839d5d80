import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { predecessorsGone } from '../../../../src/core/process/index';
import { seal } from '../../../../src/core/process/workers';
import { startOf } from '../../../../src/core/system/processes';
import { bundled } from '../../../support/bundles';
import { parentOf, running, withEnvironment } from '../../../support/processes';
import { until } from '../../../support/run';
import { storage } from '../../../support/storage';
import { alive, bundledSupervisor, filesIn, heldLock, pidIn, temporaryFolder } from './support';

const HOST = bundled('test/unit/core/process/host.ts');

interface Host {
  readonly top: string;
  readonly pid: number;
  /** The pids of the program, of its detached process, and of its supervisor. */
  readonly program: number;
  readonly detached: number;
  readonly supervisor: number;
  /** Another supervisor, which waits for a program. */
  readonly spare: number;
  readonly marker: string;
}

/** A host whose program can ignore SIGTERM, and has forked twice into its own session. */
async function host(options: { stubborn: boolean }): Promise<Host> {
  const top = temporaryFolder();
  fs.mkdirSync(path.join(top, '.weld'));
  const trap = options.stubborn ? 'trap "" TERM;' : '';
  const script =
    `${trap} (setsid sh -c '${trap} (echo $$ > /dev/null; exec sh -c ` +
    `"${options.stubborn ? "trap '' TERM;" : ''} ` +
    `echo \\$\\$ > detached; while :; do sleep 1; done") ` +
    `&' &); echo ` +
    '$WELD_WORKER > ' +
    'marker; echo ' +
    '$$ > program; ' +
    'while :; do sleep 1; done';
  fs.writeFileSync(path.join(top, 'run.sh'), script);
  const child = spawn(process.execPath, [HOST, bundledSupervisor(), top, 'sh', 'run.sh'], { stdio: 'ignore' });
  const program = await pidIn(path.join(top, 'program'));
  const detached = await pidIn(path.join(top, 'detached'));
  const marker = fs.readFileSync(path.join(top, 'marker'), 'utf8').trim().split(',').at(-1) ?? '';
  const supervisor = parentOf(program);
  const spare = await until(
    'another supervisor',
    () => running(bundledSupervisor()).find(({ pid, parent }) => parent === child.pid && pid !== supervisor)?.pid,
  );
  onTestFinished(() => {
    for (const pid of [child.pid ?? 0, supervisor, spare, program, detached])
      if (pid > 1 && alive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { top, pid: child.pid ?? 0, program, detached, supervisor, spare, marker };
}

const family = (marker: string): number[] => withEnvironment(marker);
const gone = (top: string, timeoutMs: number) => predecessorsGone(heldLock(top), { storage, timeoutMs });

describe('when the extension host is killed', () => {
  test.each([[false], [true]])(
    'nothing of its program lives five seconds later (ignoring SIGTERM: %s)',
    async (stubborn) => {
      const it = await host({ stubborn });
      expect([it.program, it.detached, it.supervisor, it.spare].every(alive)).toBe(true);
      expect(filesIn(path.join(it.top, '.weld/workers'))).toHaveLength(1);
      process.kill(it.pid, 'SIGKILL');
      await until(
        'program, descendants and supervisor to be gone',
        () => family(it.marker).length === 0 && ![it.program, it.detached, it.supervisor, it.spare].some(alive),
        5_000,
      );
    },
  );

  test('a successor finds the record, sees all gone and erases it', async () => {
    const it = await host({ stubborn: true });
    process.kill(it.pid, 'SIGKILL');
    const seen = await gone(it.top, 10_000);
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
    await gone(it.top, 2_000);
    expect(family(it.marker)).toEqual([]);
  });

  test('a successor that took over ends the programs of a host that still lives', async () => {
    const it = await host({ stubborn: false });
    await gone(it.top, 6_000);
    expect(family(it.marker)).toEqual([]);
    expect(alive(it.supervisor)).toBe(false);
  });
});

describe('predecessorsGone', () => {
  interface Made {
    readonly file: string;
    readonly id: string;
  }
  const stranger = (env: Record<string, string> = {}): number => {
    const child = spawn('sleep', ['300'], { env });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return child.pid ?? 0;
  };
  /** A record that anybody can write. */
  const told = async (top: string, more: Record<string, unknown> = {}): Promise<Made> => {
    const id = randomUUID();
    const file = path.join(top, `.weld/workers/${id}.json`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(
      file,
      JSON.stringify({
        id,
        marker: id,
        pid: process.pid,
        pid_started_at: await startOf(process.pid),
        host: 'here',
        boot_id: 'b',
        pid_ns: 'n',
        epoch: 3,
        program: 'p',
        ...more,
      }),
    );
    return { id, file };
  };
  /** A record that Weld sealed. */
  const sealed = async (top: string, more: Record<string, unknown> = {}): Promise<Made> => {
    const made = await told(top, more);
    await seal(
      storage,
      path.join(top, '.weld'),
      JSON.parse(fs.readFileSync(made.file, 'utf8')) as Parameters<typeof seal>[2],
    );
    return made;
  };

  test('ends what a sealed record names, and erases both records', async () => {
    const top = temporaryFolder();
    const pid = stranger();
    const { file } = await sealed(top, { pid, pid_started_at: await startOf(pid) });
    await gone(top, 2_000);
    expect([alive(pid), fs.existsSync(file)]).toEqual([false, false]);
    expect(await gone(top, 2_000)).toEqual({ elsewhere: [], unreadable: [] });
  });

  test('finds it also where its record in .weld was removed', async () => {
    const top = temporaryFolder();
    const id = randomUUID();
    const pid = stranger({ WELD_WORKER: `outer,${id}` });
    const { file } = await sealed(top, { id, marker: id, pid: 1, pid_started_at: '1' });
    fs.rmSync(path.dirname(file), { recursive: true });
    await gone(top, 2_000);
    expect(alive(pid)).toBe(false);
  });

  test.each([
    ["whose pid and start time are somebody's", async (pid: number) => ({ pid, pid_started_at: await startOf(pid) })],
    ['with a free text as its marker', () => Promise.resolve({ marker: 'HOME=/nobody' })],
    ['with a marker that is a part of many', () => Promise.resolve({ marker: '' })],
    ['whose marker is not its id', () => Promise.resolve({ marker: randomUUID() })],
    [
      'of an epoch that claims to be ours',
      async (pid: number) => ({ pid, pid_started_at: await startOf(pid), epoch: 7 }),
    ],
  ])('a record that nobody sealed, %s, ends no process', async (_, more) => {
    const top = temporaryFolder();
    const pid = stranger({ HOME: '/nobody', WELD_WORKER: '33333333-3333-4333-8333-333333333333' });
    const { file } = await told(top, await more(pid));
    const seen = await gone(top, 1_000);
    expect(alive(pid)).toBe(true);
    if (fs.existsSync(file)) expect(seen.unreadable).toEqual([file]);
  });

  test('what another Weld started and still runs is named, not ended', async () => {
    const top = temporaryFolder();
    const id = randomUUID();
    const pid = stranger({ WELD_WORKER: id });
    const { file } = await told(top, { program: 'codex' });
    fs.renameSync(file, path.join(path.dirname(file), `${id}.json`));
    fs.writeFileSync(
      path.join(path.dirname(file), `${id}.json`),
      JSON.stringify({ id, marker: id, pid, host: 'here', boot_id: 'b', pid_ns: 'n', program: 'codex' }),
    );
    await expect(gone(top, 1_000)).rejects.toMatchObject({
      code: 'WORKERS_ALIVE',
      message: expect.stringContaining(`codex (pid ${pid})`) as string,
    });
    expect(alive(pid)).toBe(true);
  });

  test('a seal is worth nothing for another repository', async () => {
    const [top, other] = [temporaryFolder(), temporaryFolder()];
    const pid = stranger();
    const { file } = await sealed(top, { pid, pid_started_at: await startOf(pid) });
    fs.mkdirSync(path.join(other, '.weld'), { recursive: true });
    fs.cpSync(path.dirname(file), path.join(other, '.weld/workers'), { recursive: true });
    await gone(other, 1_000);
    expect(alive(pid)).toBe(true);
  });

  test('does not touch a process that only has the recorded number', async () => {
    const top = temporaryFolder();
    const pid = stranger();
    const { file } = await sealed(top, { pid, pid_started_at: '1' });
    await gone(top, 1_000);
    expect([alive(pid), fs.existsSync(file)]).toEqual([true, false]);
  });

  test('of another start of this machine nothing can live', async () => {
    const top = temporaryFolder();
    const pid = stranger();
    const { file } = await sealed(top, {
      pid,
      pid_started_at: await startOf(pid),
      boot_id: 'earlier',
      pid_ns: 'other',
    });
    await gone(top, 1_000);
    expect([alive(pid), fs.existsSync(file)]).toEqual([true, false]);
  });

  test.each([
    ['another host', { host: 'there', boot_id: 'theirs' }],
    ['another pid namespace', { pid_ns: 'other' }],
  ])('leaves and reports workers of %s', async (_, more) => {
    const top = temporaryFolder();
    const files = [(await sealed(top, more)).file, (await told(top, more)).file];
    expect((await gone(top, 1_000)).elsewhere).toHaveLength(2);
    expect(files.every((file) => fs.existsSync(file))).toBe(true);
  });

  test('a machine whose name has changed is still this one', async () => {
    const top = temporaryFolder();
    const pid = stranger();
    await sealed(top, { pid, pid_started_at: await startOf(pid), host: 'another-network' });
    expect((await gone(top, 2_000)).elsewhere).toEqual([]);
    expect(alive(pid)).toBe(false);
  });

  test('leaves its own epoch alone', async () => {
    const top = temporaryFolder();
    const { file } = await sealed(top, { epoch: 7 });
    expect(await gone(top, 1_000)).toEqual({ elsewhere: [], unreadable: [] });
    expect(fs.existsSync(file)).toBe(true);
  });

  test.each([
    ['no JSON', '{'],
    ['other fields', '{"a":1}'],
    ['another id', JSON.stringify({ id: '../../x', marker: 'm', pid: 1, program: 'p' })],
  ])('names a damaged record (%s) and leaves it', async (_, text) => {
    const top = temporaryFolder();
    const { file } = await told(top);
    fs.writeFileSync(file, text);
    fs.symlinkSync('/etc/hostname', path.join(path.dirname(file), 'a.json'));
    expect((await gone(top, 1_000)).unreadable.toSorted()).toEqual(
      [file, path.join(path.dirname(file), 'a.json')].toSorted(),
    );
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
  });

  test('without records there is nothing to see', async () => {
    expect(await gone(temporaryFolder(), 1_000)).toEqual({ elsewhere: [], unreadable: [] });
  });
});
