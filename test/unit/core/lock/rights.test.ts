import * as fs from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { acquireRunLock, inspectLock } from '../../../../src/core/lock';
import { useLockWorker } from './useLockWorker';

const NOBODY = 65534;
/** Permissions mean nothing to root, so it gives its files to another user, who then tries. */
const user = process.getuid?.() === 0 ? NOBODY : undefined;
const request = { runId: '20260105-120000-rights', command: 'step loop 1' };

const here = useLockWorker(user);
afterEach(() => {
  for (const folder of [here.weld.dir, here.weld.claims]) if (fs.existsSync(folder)) fs.chmodSync(folder, 0o755);
});

/** Gives a file to the user, with these permissions. */
function own(file: string, mode: number): void {
  if (user !== undefined) fs.chownSync(file, user, user);
  fs.chmodSync(file, mode);
}

async function worksNow(): Promise<void> {
  expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: true });
  expect(await here.worker.tell({ do: 'assert' })).toMatchObject({ ok: true });
  await here.worker.tell({ do: 'release' });
  expect(await inspectLock(here.weld.dir)).toEqual({ kind: 'free' });
}

describe.skipIf(process.platform === 'win32')('without the right to', { timeout: 60_000 }, () => {
  it('read active.lock: unreadable, and not removed', async () => {
    here.weld.legacy(1);
    own(here.weld.dir, 0o755);
    own(here.weld.face, 0o000);
    expect((await here.worker.tell({ do: 'inspect' })).state).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('permission denied') as string,
    });
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({
      ok: false,
      code: 'LOCK_UNREADABLE',
      message: expect.stringMatching(/active\.lock: permission denied\).*move it away/u) as string,
    });
    expect(fs.existsSync(here.weld.face)).toBe(true);
  });

  it('write .weld/lock: one sentence, nothing changed', async () => {
    fs.mkdirSync(here.weld.claims);
    own(here.weld.claims, 0o555);
    const before = here.weld.snapshot();
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({
      ok: false,
      code: 'NOT_WRITABLE',
      message: expect.stringMatching(/cannot be taken in .*\.weld \(EACCES.*give yourself write access/u) as string,
    });
    expect(here.weld.snapshot()).toEqual(before);
    fs.chmodSync(here.weld.claims, 0o755);
    await worksNow();
  });

  it('look into .weld/lock: unreadable, with a sentence', async () => {
    fs.mkdirSync(here.weld.claims);
    own(here.weld.claims, 0o000);
    expect((await here.worker.tell({ do: 'inspect' })).state).toMatchObject({
      kind: 'unreadable',
      why: expect.stringMatching(/lock: it cannot be read/u) as string,
    });
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'NOT_WRITABLE' });
  });

  it('write .weld, with a .weld/lock that may be written: nobody is left holding', async () => {
    fs.mkdirSync(here.weld.claims);
    own(here.weld.claims, 0o755);
    own(here.weld.dir, 0o555);
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'NOT_WRITABLE' });
    fs.chmodSync(here.weld.dir, 0o755);
    await worksNow();
  });

  it('write .weld/lock any more while the lock is held: the release leaves a face that says it is free', async () => {
    own(here.weld.dir, 0o755);
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: true });
    fs.chmodSync(here.weld.claims, 0o555);
    expect(await here.worker.tell({ do: 'assert' })).toMatchObject({ ok: true });
    expect(await here.worker.tell({ do: 'release' })).toMatchObject({ ok: true });
    expect(await inspectLock(here.weld.dir)).toMatchObject({ kind: 'free' });
    fs.chmodSync(here.weld.claims, 0o755);
    await worksNow();
  });
});

it.skipIf(process.getuid?.() !== 0)(
  "another user's active.lock, which only that one may read, is unreadable and stays",
  async () => {
    here.weld.legacy(1);
    fs.chmodSync(here.weld.face, 0o600);
    expect(await here.worker.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'LOCK_UNREADABLE' });
    await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  },
);
