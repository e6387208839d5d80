import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPrograms } from '../../../../src/core/process/index';
import type { ProgramRequest, ProgramResult } from '../../../../src/core/process/ports';
import { hasMarker } from '../../../../src/core/system/processes';
import { silentLogger } from '../../../../src/core/util/logger';
import { size } from '../../../support/deep';
import { parentOf } from '../../../support/processes';
import { until } from '../../../support/run';
import { storage } from '../../../support/storage';
import { alive, bundledSupervisor, filesIn, heldLock, pidIn, supervise, temporaryFolder } from './support';

const lines: string[] = [];
const programs = createPrograms({
  log: { ...silentLogger, info: (text) => lines.push(text) },
  supervisorPath: bundledSupervisor(),
  storage,
});
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const node = (code: string): Pick<ProgramRequest, 'file' | 'args'> => ({ file: process.execPath, args: ['-e', code] });
const sh = (code: string): Pick<ProgramRequest, 'file' | 'args'> => ({ file: 'sh', args: ['-c', code] });

describe.each(['run', 'supervise'] as const)('%s', (how) => {
  const start = (
    request: Partial<ProgramRequest> & Pick<ProgramRequest, 'file' | 'args'>,
    top = temporaryFolder(),
  ): Promise<ProgramResult> => {
    const whole = { cwd: top, timeoutMs: 20_000, ...request };
    return how === 'run' ? programs.run(whole) : supervise(programs, { ...whole, lock: heldLock(top) });
  };

  test('gives exit code and both streams', async () => {
    const result = await start(sh('echo out; echo err >&2; exit 3'));
    expect(result).toMatchObject({ ended: { how: 'exited', exitCode: 3 }, exitCode: 3, truncated: false });
    expect([text(result.stdout), text(result.stderr)]).toEqual(['out\n', 'err\n']);
  });

  test('standard input is empty when none is given, and closed', async () => {
    expect(text((await start({ file: 'wc', args: ['-c'] })).stdout).trim()).toBe('0');
  });

  test('feeds 5 MB of input', async () => {
    const result = await start({ file: 'wc', args: ['-c'], input: 'x'.repeat(5_000_000) });
    expect(text(result.stdout).trim()).toBe('5000000');
  });

  test('a program that does not read its input is no error', async () => {
    expect((await start({ file: 'true', args: [], input: 'x'.repeat(5_000_000) })).exitCode).toBe(0);
  });

  test('a missing program', async () => {
    expect((await start({ file: 'no-such-program-anywhere', args: [] })).ended).toEqual({
      how: 'missing',
      file: 'no-such-program-anywhere',
    });
  });

  test('a missing folder is not a missing program', async () => {
    expect((await start({ ...sh('true'), cwd: '/no/such/folder' })).ended).toMatchObject({
      how: 'crashed',
      why: expect.stringContaining('/no/such/folder') as string,
    });
  });

  test('a program that may not be run, and arguments that are too long', async () => {
    const top = temporaryFolder();
    fs.writeFileSync(path.join(top, 'plain'), 'x');
    expect((await start({ file: path.join(top, 'plain'), args: [] })).ended.how).toBe('crashed');
    expect((await start({ file: 'true', args: ['x'.repeat(4_000_000)] })).ended).toMatchObject({
      how: 'crashed',
      why: expect.stringContaining('too long') as string,
    });
    expect((await start({ file: 'true', args: ['a\0b'] })).ended.how).toBe('crashed');
  });

  test('words are never read by a shell', async () => {
    expect(text((await start({ file: 'printf', args: ['%s', '$HOME; `ls` | x'] })).stdout)).toBe('$HOME; `ls` | x');
  });

  test('a signal from elsewhere', async () => {
    expect((await start(sh('kill -KILL $$'))).ended).toEqual({ how: 'signalled', signal: 'SIGKILL' });
  });

  test('time limit', async () => {
    const result = await start({ ...sh('sleep 60'), timeoutMs: 300 });
    expect(result).toMatchObject({ ended: { how: 'timeout', afterMs: 300 }, exitCode: -1 });
    expect(result.durationMs).toBeLessThan(3_000);
  });

  test('silence ends, output keeps alive', async () => {
    const silent = await start({
      ...sh('for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done; sleep 60'),
      silenceMs: 3_000,
    });
    expect(silent.ended).toEqual({ how: 'silent', afterMs: 3_000 });
    expect(text(silent.stdout)).toContain('8');
  });

  test('cancel, also before the start', async () => {
    const cancel = new AbortController();
    const running = start({
      ...sh('echo ready; sleep 60'),
      signal: cancel.signal,
      onOutput: () => {
        cancel.abort();
      },
    });
    expect((await running).ended).toEqual({ how: 'cancelled' });
    expect((await start({ ...sh('touch seen'), signal: AbortSignal.abort() })).ended).toEqual({ how: 'cancelled' });
  });

  test('cancel ends who ignores SIGTERM, after three seconds', async () => {
    const cancel = new AbortController();
    const result = await start({
      ...node(`process.on('SIGTERM',()=>console.log('no'));console.log('ready');setInterval(()=>{},1000)`),
      signal: cancel.signal,
      onOutput: (_, t) => {
        if (t.includes('ready')) cancel.abort();
      },
    });
    expect(result.ended).toEqual({ how: 'cancelled' });
    expect(text(result.stdout)).toContain('no');
    expect(result.durationMs).toBeGreaterThan(2_900);
    expect(result.durationMs).toBeLessThan(7_000);
  });

  test.each([
    ['a grandchild', 'sleep 300 & echo $! > pid; wait'],
    ['a grandchild in a session of its own', 'setsid sh -c "echo \\$\\$ > pid; exec sleep 300" & wait'],
    [
      'a daemon, forked twice',
      '(setsid sh -c "(echo \\$\\$ > first; sh -c \'echo \\$\\$ > pid; exec sleep 300\') &" &); sleep 300',
    ],
    [
      'one without the marker but with its parent',
      'env -u WELD_WORKER sh -c "echo \\$\\$ > pid; exec sleep 300" & wait',
    ],
    ['one that ignores SIGTERM', `(trap "" TERM; sh -c 'echo $$ > pid; exec sleep 300') & wait`],
  ])('cancel ends %s', async (_, code) => {
    const top = temporaryFolder();
    const cancel = new AbortController();
    const running = start({ ...sh(code), signal: cancel.signal }, top);
    const pid = await pidIn(path.join(top, 'pid'));
    expect(alive(pid)).toBe(true);
    cancel.abort();
    expect((await running).ended).toEqual({ how: 'cancelled' });
    expect(alive(pid)).toBe(false);
  });

  test('a child that keeps the pipe open does not hold us', async () => {
    const top = temporaryFolder();
    const result = await start(sh('sleep 300 & echo $! > pid; echo done'), top);
    const pid = await pidIn(path.join(top, 'pid'));
    if (how === 'run') process.kill(pid, 'SIGKILL');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(text(result.stdout)).toBe('done\n');
    expect(result.durationMs).toBeLessThan(5_000);
  });

  test('invalid UTF-8 is kept as bytes and shown with replacement; a character in two pieces is one', async () => {
    let shown = '';
    const result = await start({
      ...node(
        `const w=(b)=>process.stdout.write(Buffer.from(b));w([0x61,0xff,0xe2]);setTimeout(()=>w([0x82,0xac,0xe2]),200)`,
      ),
      onOutput: (_, t) => {
        shown += t;
      },
    });
    expect([...result.stdout]).toEqual([0x61, 0xff, 0xe2, 0x82, 0xac, 0xe2]);
    expect(shown).toBe('a\uFFFD€\uFFFD');
  });

  test(`${size(200)} MB flow by in flat memory; first and last part are kept`, async () => {
    const code = `echo first; head -c ${size(200_000_000)} /dev/zero; echo; echo last`;
    let highest = 0;
    let seen = 0;
    const before = process.memoryUsage().rss;
    const result = await start({
      ...sh(code),
      keepBytes: 1_000_000,
      onOutput: (_, t) => {
        seen += t.length;
        highest = Math.max(highest, process.memoryUsage().rss - before);
      },
    });
    expect(seen).toBe(size(200_000_000) + 12);
    expect(result.truncated).toBe(true);
    expect(result.stdout.length).toBe(1_000_000);
    expect(text(result.stdout.subarray(0, 6))).toBe('first\n');
    expect(text(result.stdout.subarray(-6))).toBe('\nlast\n');
    expect(highest).toBeLessThan(120e6);
  });

  test('a listener that throws loses nothing', async () => {
    expect(
      (
        await start({
          ...sh('echo a'),
          onOutput: () => {
            throw new Error('no');
          },
        })
      ).exitCode,
    ).toBe(0);
  });

  test('the environment is the given one', async () => {
    const result = await start({ file: '/usr/bin/env', args: [], env: { ONLY: 'this' } });
    expect(
      text(result.stdout)
        .split('\n')
        .map((line) => line.split('=')[0])
        .sort(),
    ).toEqual(['', 'ONLY', 'WELD_WORKER']);
  });

  test('each start is logged without its secrets', async () => {
    lines.length = 0;
    await start({
      file: 'true',
      args: ['--api-key', 'abcdef123', '--token=xyz', 'sk-ant-0123456789', 'plain words', 'https://me:pw@host/x'],
    });
    const last = lines.at(-1) ?? '';
    expect(last).toMatch(
      /^true --api-key "?\*\*\*"? "?--token=\*\*\*"? "?\*{3}"? "plain words" "?https:..\*{3}@host.x"?: exit 0 in \d+ ms$/,
    );
  });

  test('endAll ends everything that runs', async () => {
    const top = temporaryFolder();
    const running = start(sh('echo $$ > pid; sleep 300'), top);
    const pid = await pidIn(path.join(top, 'pid'));
    expect(await programs.endAll(1_000)).toBe(true);
    expect(alive(pid)).toBe(false);
    await running;
  });
});

describe('supervise', () => {
  test('records its worker before the program starts and erases it after its end', async () => {
    const top = temporaryFolder();
    const lock = heldLock(top);
    const result = await supervise(programs, {
      ...sh('cat .weld/workers/*.json; echo $WELD_WORKER >&2'),
      cwd: top,
      timeoutMs: 10_000,
      lock,
    });
    const record = JSON.parse(text(result.stdout)) as Record<string, unknown>;
    expect(record).toMatchObject({
      host: 'here',
      boot_id: 'b',
      epoch: 7,
      program: 'sh',
      marker: text(result.stderr).trim().split(',').at(-1),
    });
    expect(filesIn(path.join(top, '.weld/workers'))).toEqual([]);
  });

  test('without the lock nothing starts', async () => {
    const top = temporaryFolder();
    const lock = heldLock(top);
    lock.lose();
    await expect(
      supervise(programs, { ...sh('touch started'), cwd: top, timeoutMs: 10_000, lock }),
    ).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(filesIn(top)).toEqual(['.weld']);
  });

  test('losing the lock ends the program', async () => {
    const top = temporaryFolder();
    const lock = heldLock(top);
    const running = supervise(programs, { ...sh('echo $$ > pid; sleep 300'), cwd: top, timeoutMs: 30_000, lock });
    const pid = await pidIn(path.join(top, 'pid'));
    lock.lose();
    expect((await running).ended).toEqual({ how: 'cancelled' });
    expect(alive(pid)).toBe(false);
  });

  test('what a program leaves behind is ended at its normal end', async () => {
    const top = temporaryFolder();
    const result = await supervise(programs, {
      ...sh(
        'setsid sh -c "echo \\$\\$ > pid; exec sleep 300" > /dev/null 2>&1 & while [ ! -s pid ]; do sleep 0.05; done',
      ),
      cwd: top,
      timeoutMs: 10_000,
      lock: heldLock(top),
    });
    expect(result.ended).toEqual({ how: 'exited', exitCode: 0 });
    expect(alive(Number(fs.readFileSync(path.join(top, 'pid'), 'utf8')))).toBe(false);
  });

  test('a supervisor killed from outside takes nothing of its program along', async () => {
    const top = temporaryFolder();
    const running = supervise(programs, {
      ...sh('echo $$ > pid; sleep 300'),
      cwd: top,
      timeoutMs: 30_000,
      lock: heldLock(top),
    });
    const pid = await pidIn(path.join(top, 'pid'));
    const supervisor = parentOf(pid);
    process.kill(supervisor, 'SIGKILL');
    expect((await running).ended.how).toBe('crashed');
    await until('the program to be gone', () => !alive(pid));
  });

  test('the supervisor itself carries no marker', async () => {
    const top = temporaryFolder();
    const running = supervise(programs, {
      ...sh('echo $WELD_WORKER > marker; echo $$ > pid; sleep 300'),
      cwd: top,
      timeoutMs: 30_000,
      lock: heldLock(top),
    });
    const pid = await pidIn(path.join(top, 'pid'));
    const marker = fs.readFileSync(path.join(top, 'marker'), 'utf8').trim().split(',').at(-1) ?? '';
    expect(hasMarker({ pid }, marker)).toBe(true);
    expect(hasMarker({ pid: parentOf(pid) }, marker)).toBe(false);
    await programs.endAll(500);
    await running;
  });
});

test('on Windows nothing is started but git, which reads', async () => {
  const windows = createPrograms({
    log: silentLogger,
    supervisorPath: bundledSupervisor(),
    storage,
    platform: 'win32',
  });
  const top = temporaryFolder();
  const request = { cwd: top, timeoutMs: 20_000 };
  await expect(windows.run({ ...request, ...sh('touch made') })).rejects.toMatchObject({
    code: 'PLATFORM_UNSUPPORTED',
  });
  await expect(supervise(windows, { ...request, ...sh('touch made'), lock: heldLock(top) })).rejects.toMatchObject({
    code: 'PLATFORM_UNSUPPORTED',
  });
  expect(fs.readdirSync(top)).not.toContain('made');
  expect((await windows.run({ ...request, file: 'git', args: ['--version'] })).exitCode).toBe(0);
});
