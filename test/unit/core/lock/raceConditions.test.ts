import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectLock } from '../../../../src/core/lock';
import { bundleLockWorker, eventually, LockWorker, procState } from './lockWorkers';
import { WeldFolder } from './weldFolder';

const HOUR = 3_600_000;
const NOBODY = 65534;
const linux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;

let program: string;
let weld: WeldFolder;
let workers: LockWorker[];
const start = (uid?: number): LockWorker => {
  const worker = LockWorker.start(program, weld.dir, uid);
  workers.push(worker);
  return worker;
};

beforeAll(async () => {
  program = await bundleLockWorker();
});
afterAll(() => {
  fs.rmSync(program, { force: true });
});
beforeEach(() => {
  weld = new WeldFolder();
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  weld.remove();
});

/** A lock left by a killed process. */
async function leaveStale(): Promise<void> {
  const dead = start();
  await dead.hold();
  await dead.kill();
}

describe.skipIf(!linux)('the ten that most locks fail', { timeout: 120_000 }, () => {
  it('1 sixteen at one stale lock at once, twelve times over: one gets it, the others name that one', async () => {
    const all = Array.from({ length: 16 }, () => start());
    await Promise.all(all.map((worker) => worker.tell({ do: 'inspect' })));
    await leaveStale();
    while (all.length > 4) {
      const at = Number(process.hrtime.bigint()) + 60e6;
      const answers = await Promise.all(all.map((worker) => worker.tell({ do: 'acquire', at })));
      const winners = all.filter((_, index) => answers[index]?.ok);
      expect(winners).toHaveLength(1);
      const token = answers.find(({ ok }) => ok)?.record?.token;
      for (const answer of answers)
        if (!answer.ok) expect(answer).toMatchObject({ code: 'LOCK_HELD', holder: { token } });
      const winner = winners[0] as LockWorker;
      expect(await winner.tell({ do: 'assert' })).toMatchObject({ ok: true });
      await winner.kill();
      all.splice(all.indexOf(winner), 1);
    }
  });

  it.each([
    ['before it claims', 'linkSync', 'e-\\d+$'],
    ['before it shows its face', 'linkSync', 'active\\.lock$'],
    ['before it moves the stale face aside', 'renameSync', 'active\\.lock$'],
  ] as const)(
    '2 paused between stale check and removal, %s: the other one keeps what it took',
    async (_name, call, match) => {
      await leaveStale();
      const slow = start();
      await slow.tell({ do: 'trap', call, match, signal: 'SIGSTOP' });
      slow.order({ do: 'acquire' });
      await slow.stopped();
      const quick = start();
      let got = await quick.tell({ do: 'acquire' });
      if (!got.ok) {
        // The slow one has already claimed and lives, so it is the holder until a person decides otherwise.
        expect(got).toMatchObject({ code: 'LOCK_HELD', holder: { pid: slow.pid } });
        got = await quick.tell({ do: 'takeOver', token: got.holder?.token ?? '' });
      }
      expect(got).toMatchObject({ ok: true, record: { pid: quick.pid } });
      slow.signal('SIGCONT');
      expect(await slow.hear()).toMatchObject({ ok: false, code: 'LOCK_HELD', holder: { pid: quick.pid } });
      expect(await quick.tell({ do: 'assert' })).toMatchObject({ ok: true });
      expect(weld.record.token).toBe(got.record?.token);
    },
  );

  it('3 a stopped holder, taken over, wakes with a release queued: the successor keeps its lock', async () => {
    const { old, successor, face } = await takeFromStopped();
    old.order({ do: 'release' });
    old.signal('SIGCONT');
    expect(await old.hear()).toMatchObject({ ok: true });
    expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
    expect(await successor.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it('4 the same with exit queued', async () => {
    const { old, successor, face } = await takeFromStopped();
    old.order({ do: 'exit' });
    old.signal('SIGCONT');
    await old.gone;
    expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
    expect(await successor.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it('5 stopped inside a heartbeat and taken over: the write that follows does not touch the successor', async () => {
    const old = start();
    const { token } = await old.hold(20);
    await old.tell({ do: 'trap', call: 'writeSync', signal: 'SIGSTOP' });
    await old.stopped();
    const successor = start();
    await successor.tell({ do: 'takeOver', token: token ?? '', request: { heartbeatMs: 60_000 } });
    const face = fs.readFileSync(weld.face, 'utf8');
    old.signal('SIGCONT');
    expect(await old.tell({ do: 'assert' })).toMatchObject({ ok: false, code: 'LOCK_LOST' });
    expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
    expect(await successor.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it('6 killed between create and content: nobody is held up and nothing is left', async () => {
    const victim = start();
    await victim.tell({ do: 'trap', call: 'writeSync', signal: 'SIGKILL' });
    victim.order({ do: 'acquire' });
    await victim.gone;
    const next = start();
    expect(await next.tell({ do: 'acquire' })).toMatchObject({ ok: true });
    expect(fs.readdirSync(weld.claims).filter((name) => !name.startsWith('e-'))).toEqual([]);
  });

  it('6 the empty file of a tool that was killed so counts as held while fresh, as left over once old', async () => {
    fs.writeFileSync(weld.face, '');
    const next = start();
    expect(await next.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'LOCK_UNREADABLE' });
    weld.age(HOUR);
    expect(await next.tell({ do: 'acquire' })).toMatchObject({ ok: true });
  });

  it('7 a reused pid is not the holder', async () => {
    await leaveStale();
    const other = start();
    await other.tell({ do: 'inspect' });
    weld.edit({ pid: other.pid });
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'stale' });
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ ok: true });
  });

  it('7 pid 1 is alive, for every user', async () => {
    weld.legacy(1);
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: 1 } });
    if (isRoot)
      expect(await start(NOBODY).tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: 1 } });
  });

  it('7 the number of a thread is not a process', async () => {
    const thread =
      fs
        .readdirSync(`/proc/${process.pid}/task`)
        .map(Number)
        .find((id) => id !== process.pid) ?? 0;
    expect(() => process.kill(thread, 0)).not.toThrow();
    weld.legacy(thread);
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'stale' });
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ ok: true });
  });

  it('7 a zombie holds nothing', async () => {
    const parent = spawn('/bin/sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' });
    try {
      const children = `/proc/${parent.pid ?? 0}/task/${parent.pid ?? 0}/children`;
      const zombie = (): number => Number(fs.readFileSync(children, 'utf8').trim().split(' ')[0]);
      await eventually(() => procState(zombie()) === 'Z');
      weld.legacy(zombie());
      expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'stale' });
      expect(await start().tell({ do: 'acquire' })).toMatchObject({ ok: true });
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it.skipIf(!isRoot)("8 another user's process, which may not be signalled, is alive", async () => {
    const holder = start();
    await holder.hold();
    expect(await start(NOBODY).tell({ do: 'acquire' })).toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: holder.pid },
    });
  });

  it('8 a process of another pid namespace is not judged by a pid that means nothing here', async () => {
    await leaveStale();
    weld.edit({ pid_ns: 'pid:[1]' });
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD' });
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'held', where: 'other-host' });
  });

  it('8 a holder whose machine has got another name meanwhile is not displaced', async () => {
    const holder = start();
    await holder.hold();
    weld.edit({ host: 'renamed' });
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: holder.pid } });
    expect(await holder.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it.each([HOUR, -HOUR, 365 * 24 * HOUR, -365 * 24 * HOUR])(
    '9 a clock that is %d ms off displaces nobody',
    async (shiftMs) => {
      const holder = start();
      await holder.hold(20);
      const other = start();
      await other.tell({ do: 'clock', shiftMs });
      expect(await other.tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: holder.pid } });
      await holder.tell({ do: 'clock', shiftMs });
      const before = weld.record.heartbeat_at_ms;
      await eventually(() => weld.record.heartbeat_at_ms !== before);
      expect(await holder.tell({ do: 'assert' })).toMatchObject({ ok: true });
    },
  );

  it('9 after a sleep the first to wake takes nothing', async () => {
    const holder = start();
    await holder.hold(20);
    holder.signal('SIGSTOP');
    await holder.stopped();
    const first = start();
    await first.tell({ do: 'clock', shiftMs: 8 * HOUR });
    expect(await first.tell({ do: 'acquire', request: { staleAfterMs: 50, wait: { timeoutMs: 400 } } })).toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: holder.pid },
    });
    holder.signal('SIGCONT');
    expect(await holder.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it("9 another host's lock is stale only when it was seen unchanged for long enough on one's own clock", async () => {
    await leaveStale();
    weld.edit({ host: 'elsewhere', boot_id: 'another', heartbeat_at_ms: 1000 });
    const other = start();
    await other.tell({ do: 'clock', shiftMs: HOUR });
    expect(await other.tell({ do: 'acquire', request: { staleAfterMs: 400 } })).toMatchObject({ code: 'LOCK_HELD' });
    let beats = 1000;
    const text = fs.readFileSync(weld.face, 'utf8');
    const inPlace = fs.openSync(weld.face, 'r+');
    const beating = setInterval(() => {
      fs.writeSync(inPlace, text.replace('"heartbeat_at_ms": 1000', `"heartbeat_at_ms": ${++beats}`), 0);
    }, 40);
    try {
      expect(
        await other.tell({ do: 'acquire', request: { staleAfterMs: 1500, wait: { timeoutMs: 2500 } } }),
      ).toMatchObject({ ok: false });
    } finally {
      clearInterval(beating);
      fs.closeSync(inPlace);
    }
    expect(
      await other.tell({ do: 'acquire', request: { staleAfterMs: 400, wait: { timeoutMs: 20_000 } } }),
    ).toMatchObject({ ok: true });
  });

  it('10 rm active.lock under a live holder: nobody else gets in, and the face is put back', async () => {
    const holder = start();
    const { token } = await holder.hold();
    fs.rmSync(weld.face);
    expect(await start().tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: holder.pid } });
    expect(await holder.tell({ do: 'assert' })).toMatchObject({ ok: true });
    expect(weld.record.token).toBe(token);
  });
});

async function takeFromStopped(): Promise<{ old: LockWorker; successor: LockWorker; face: string }> {
  const old = start();
  const { token } = await old.hold();
  old.signal('SIGSTOP');
  await old.stopped();
  const successor = start();
  const taken = await successor.tell({ do: 'takeOver', token: token ?? '', request: { heartbeatMs: 60_000 } });
  expect(taken).toMatchObject({ ok: true });
  return { old, successor, face: fs.readFileSync(weld.face, 'utf8') };
}
