import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectLock } from '../../../../src/core/lock';
import { bundleLockWorker, LockWorker } from './lockWorkers';
import { WeldFolder } from './weldFolder';

let program: string;
let weld: WeldFolder;
let folder: string;
let workers: LockWorker[];

beforeAll(async () => {
  program = await bundleLockWorker();
});
afterAll(() => {
  fs.rmSync(program, { force: true });
});
beforeEach(() => {
  weld = new WeldFolder();
  folder = path.join(weld.claims, 'fallback');
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  weld.remove();
});

/** A process on a file system without hard links. @param match links that are refused; default: all */
async function start(match?: string): Promise<LockWorker> {
  const worker = LockWorker.start(program, weld.dir);
  workers.push(worker);
  await worker.tell({ do: 'fail', call: 'linkSync', code: 'EPERM', ...(match !== undefined && { match }) });
  return worker;
}

/** The folder was last touched a minute ago. */
function ageFolder(): void {
  const at = new Date(Date.now() - 60_000);
  fs.utimesSync(folder, at, at);
}

describe.skipIf(process.platform !== 'linux')('where hard links do not exist', { timeout: 60_000 }, () => {
  it('one holds, the other is refused and named the holder, and has its turn after the release', async () => {
    const [first, second] = [await start(), await start()];
    const record = await first.hold();
    expect(record).toMatchObject({ pid: first.pid });
    const before = weld.snapshot();
    expect(await second.tell({ do: 'acquire' })).toMatchObject({
      ok: false,
      code: 'LOCK_HELD',
      holder: { pid: first.pid },
    });
    expect(weld.snapshot()).toEqual(before);
    expect(await first.tell({ do: 'assert' })).toMatchObject({ ok: true, aborted: false });
    await first.tell({ do: 'release' });
    expect(fs.readdirSync(weld.claims)).toEqual([]);
    expect(fs.existsSync(weld.face)).toBe(false);
    expect(await second.tell({ do: 'acquire' })).toMatchObject({ ok: true });
    expect(await first.tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: second.pid } });
  });

  it(
    'a stopped holder keeps its lock past any age, until a person decides; then it learns by whom and ' +
      'removes nothing',
    async () => {
      const [old, next] = [await start(), await start()];
      const { token = '' } = await old.hold(20);
      old.signal('SIGSTOP');
      await old.stopped();
      ageFolder();
      expect(await next.tell({ do: 'acquire' })).toMatchObject({ code: 'LOCK_HELD', holder: { pid: old.pid } });
      expect(await next.tell({ do: 'takeOver', token: 'another' })).toMatchObject({ code: 'LOCK_TOKEN_CHANGED' });
      expect(await next.tell({ do: 'takeOver', token, request: { heartbeatMs: 60_000 } })).toMatchObject({
        ok: true,
        record: { pid: next.pid },
      });
      const face = fs.readFileSync(weld.face, 'utf8');
      old.signal('SIGCONT');
      expect(await old.tell({ do: 'assert' })).toMatchObject({
        code: 'LOCK_LOST',
        by: { pid: next.pid },
        message: expect.stringContaining(`process ${next.pid}`) as string,
      });
      await old.tell({ do: 'release' });
      old.order({ do: 'exit' });
      await old.gone;
      expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
      expect(fs.existsSync(folder)).toBe(true);
      expect(await next.tell({ do: 'assert' })).toMatchObject({ ok: true });
    },
  );

  it(
    'a stopped holder that was superseded wakes with its release, or its exit, queued: the successor ' +
      'keeps everything',
    async () => {
      for (const order of ['release', 'exit'] as const) {
        const [old, next] = [await start(), await start()];
        const { token = '' } = await old.hold();
        old.signal('SIGSTOP');
        await old.stopped();
        expect(await next.tell({ do: 'takeOver', token, request: { heartbeatMs: 60_000 } })).toMatchObject({
          ok: true,
        });
        const face = fs.readFileSync(weld.face, 'utf8');
        old.order({ do: order });
        old.signal('SIGCONT');
        await (order === 'exit' ? old.gone : old.hear());
        expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
        expect(await next.tell({ do: 'assert' })).toMatchObject({ ok: true });
        await next.tell({ do: 'release' });
        expect(fs.readdirSync(weld.claims)).toEqual([]);
      }
    },
  );

  it('a killed holder is told of as dead, and the next one has the lock once the folder is old', async () => {
    const [dead, next] = [await start(), await start()];
    await dead.hold();
    await dead.kill();
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'stale', holder: { pid: dead.pid } });
    const refused = await next.tell({ do: 'acquire' });
    expect(refused).toMatchObject({
      code: 'LOCK_UNREADABLE',
      message: expect.stringMatching(
        /left by .* is gone; .* 20 s after its last heartbeat, so try again then\.$/u,
      ) as string,
    });
    ageFolder();
    expect(await next.tell({ do: 'acquire' })).toMatchObject({ ok: true });
    expect(await next.tell({ do: 'assert' })).toMatchObject({ ok: true });
  });

  it('who is killed before its face is there holds nobody up for longer than the folder is fresh', async () => {
    const [dead, next] = [await start(), await start()];
    await dead.tell({ do: 'trap', call: 'openSync', match: 'active\\.lock$', signal: 'SIGKILL' });
    dead.order({ do: 'acquire' });
    await dead.gone;
    expect(await next.tell({ do: 'acquire' })).toMatchObject({
      code: 'LOCK_UNREADABLE',
      message: expect.stringContaining('is taking the run lock') as string,
    });
    ageFolder();
    expect(await next.tell({ do: 'acquire' })).toMatchObject({ ok: true });
  });

  it('a lock that the command-line Weld takes in between is respected and stays', async () => {
    const worker = await start();
    await worker.tell({ do: 'trap', call: 'mkdir', match: 'fallback$', signal: 'SIGSTOP' });
    worker.order({ do: 'acquire' });
    await worker.stopped();
    weld.legacy(process.pid);
    const face = fs.readFileSync(weld.face, 'utf8');
    worker.signal('SIGCONT');
    expect(await worker.hear()).toMatchObject({ code: 'LOCK_HELD', holder: { pid: process.pid } });
    expect(fs.readFileSync(weld.face, 'utf8')).toBe(face);
    expect(fs.readdirSync(weld.claims)).toEqual([]);
  });

  it('a face that was removed is put back; another in its place means lost, and stays', async () => {
    const holder = await start();
    const { token } = await holder.hold();
    fs.rmSync(weld.face);
    expect(await holder.tell({ do: 'assert' })).toMatchObject({ ok: true });
    expect(weld.record.token).toBe(token);
    fs.rmSync(weld.face);
    weld.legacy(process.pid);
    expect(await holder.tell({ do: 'assert' })).toMatchObject({ code: 'LOCK_LOST', by: { pid: process.pid } });
    expect(weld.record.pid).toBe(process.pid);
  });

  it('a full disk leaves nobody holding', async () => {
    const worker = await start();
    await worker.tell({ do: 'mechanism' });
    await worker.tell({ do: 'fail', call: 'writeSync', code: 'ENOSPC' });
    expect(await worker.tell({ do: 'acquire' })).toMatchObject({ code: 'DISK_FULL' });
    expect(fs.existsSync(weld.face)).toBe(false);
    expect(fs.readdirSync(weld.claims)).toEqual([]);
  });

  it('is found out by a try with two names of its own: one link that is refused is no such file system', async () => {
    const [without, refused] = [await start(), await start('active\\.lock$')];
    expect(await without.tell({ do: 'mechanism' })).toMatchObject({ mechanism: 'proper-lockfile' });
    expect(await refused.tell({ do: 'acquire' })).toMatchObject({ code: 'NOT_WRITABLE' });
    expect(await refused.tell({ do: 'mechanism' })).toMatchObject({ mechanism: 'hard-links' });
    expect(fs.existsSync(folder)).toBe(false);
    await refused.tell({ do: 'fail', call: 'linkSync' });
    expect(await refused.tell({ do: 'acquire' })).toMatchObject({ ok: true, record: { epoch: 2 } });
  });
});
