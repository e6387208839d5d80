import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireRunLock, forgetOwnClaims, inspectLock, type LockRequest } from '../../../../src/core/lock';
import { KEEP_CLAIMS } from '../../../../src/core/lock/lockNames';
import { useLockWorker } from './useLockWorker';

const request: LockRequest = { runId: '20260105-120000-raised', command: 'plan' };
const here = useLockWorker();

async function turns(count: number, command = request.command): Promise<void> {
  for (let n = 0; n < count; n++) await (await acquireRunLock(here.weld.dir, { ...request, command })).release();
}

const claims = (): string[] => fs.readdirSync(here.weld.claims).sort();
const files = (): number[] =>
  claims()
    .map((name) => fs.statSync(path.join(here.weld.claims, name)).ino)
    .sort((a, b) => a - b);

describe('turn after turn of one process', { timeout: 60_000 }, () => {
  it('leaves the claims that are kept and nothing else, and goes on in the same files', async () => {
    await turns(KEEP_CLAIMS);
    const before = files();
    await turns(3 * KEEP_CLAIMS + 1);
    expect(files()).toEqual(before);
    expect(claims()).toHaveLength(KEEP_CLAIMS);
    expect(claims().at(-1)).toBe('e-000000000065');
  });

  it('says who has it to others, in a file that a longer record was in', async () => {
    await turns(KEEP_CLAIMS, `implement ${'é'.repeat(900)}`);
    const lock = await acquireRunLock(here.weld.dir, request);
    expect(await here.worker.tell({ do: 'inspect' })).toMatchObject({
      state: { kind: 'held', holder: { pid: process.pid, command: 'plan', epoch: KEEP_CLAIMS + 1 } },
    });
    await lock.release();
    await turns(KEEP_CLAIMS, 'a longer one than before');
    expect(await here.worker.tell({ do: 'inspect' })).toMatchObject({ state: { kind: 'free' } });
    await here.worker.hold();
    expect(await inspectLock(here.weld.dir)).toMatchObject({
      kind: 'held',
      holder: { pid: here.worker.pid, epoch: 2 * KEEP_CLAIMS + 2 },
    });
  });

  it('is out of date once another had a turn, and begins anew', async () => {
    await turns(KEEP_CLAIMS + 2);
    await here.worker.hold();
    await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: here.worker.pid },
    });
    await here.worker.tell({ do: 'release' });
    await turns(KEEP_CLAIMS + 2);
    expect(claims()).toHaveLength(KEEP_CLAIMS);
    expect(claims().at(-1)).toBe('e-000000000037');
  });

  it.each([
    [
      'the folder of claims',
      () => {
        fs.rmSync(here.weld.claims, { recursive: true });
      },
    ],
    [
      'the oldest claim',
      () => {
        fs.rmSync(path.join(here.weld.claims, claims()[0] ?? ''));
      },
    ],
    [
      'all but the oldest claim',
      () => {
        for (const name of claims().slice(1)) fs.rmSync(path.join(here.weld.claims, name));
      },
    ],
  ])('goes on when somebody removes %s', async (_what, remove) => {
    await turns(KEEP_CLAIMS + 2);
    remove();
    const lock = await acquireRunLock(here.weld.dir, request);
    lock.assertHeld();
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'LOCK_HELD' });
    await lock.release();
    await here.worker.hold();
  });

  it.each([
    [
      'a symbolic link',
      /symbolic link/u,
      (file: string) => {
        fs.symlinkSync(here.weld.outside, file);
      },
    ],
    [
      'a symbolic link in a circle',
      /symbolic link/u,
      (file: string) => {
        fs.symlinkSync(file, file);
      },
    ],
    [
      'a file',
      /not a folder/u,
      (file: string) => {
        fs.writeFileSync(file, 'mine');
      },
    ],
  ])('goes through nothing that somebody put in the place of a folder: %s', async (_what, sentence, make) => {
    for (const [folder, count] of [
      [here.weld.claims, 3],
      [here.weld.dir, 3],
      [here.weld.claims, KEEP_CLAIMS + 2],
      [here.weld.dir, KEEP_CLAIMS + 2],
    ] as const) {
      await turns(count);
      fs.renameSync(folder, `${folder}-was`);
      make(folder);
      const outside = fs.readdirSync(here.weld.outside);
      await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({
        code: 'LOCK_UNREADABLE',
        message: expect.stringMatching(sentence) as string,
      });
      expect(fs.readdirSync(here.weld.outside)).toEqual(outside);
      fs.unlinkSync(folder);
      fs.renameSync(`${folder}-was`, folder);
    }
    await turns(1);
  });

  it.skipIf(process.platform !== 'linux')(
    'keeps the files open until one is done with the folder, and no longer',
    async () => {
      const open = (): number =>
        fs.readdirSync('/proc/self/fd').filter((fd) => {
          try {
            return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(here.weld.claims);
          } catch {
            return false;
          }
        }).length;
      await turns(2 * KEEP_CLAIMS + 3);
      expect(open()).toBe(KEEP_CLAIMS);
      const lock = await acquireRunLock(here.weld.dir, request);
      expect(await here.worker.tell({ do: 'takeOver', token: lock.record.token ?? '' })).toMatchObject({ ok: true });
      expect(() => {
        lock.assertHeld();
      }).toThrow(/taken over/u);
      expect(open()).toBe(0);
      await here.worker.tell({ do: 'release' });
      await turns(2);
      expect(open()).toBe(2);
      forgetOwnClaims(here.weld.dir);
      expect(open()).toBe(0);
      await turns(3);
      await here.worker.hold();
      await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
      expect(open()).toBe(0);
    },
  );
});
