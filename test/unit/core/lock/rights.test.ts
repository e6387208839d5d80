import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acquireRunLock, inspectLock } from '../../../../src/core/lock';
import { bundlePuppet, Puppet } from './puppets';
import { WeldFolder } from './weldFolder';

const NOBODY = 65534;
/** Rights mean nothing to root, so it hands its files to somebody else and lets that one try. */
const user = process.getuid?.() === 0 ? NOBODY : undefined;
const request = { runId: '20260105-120000-rights', command: 'step loop 1' };

let program: string;
let weld: WeldFolder;
let puppet: Puppet;
beforeAll(async () => { program = await bundlePuppet(); });
afterAll(() => { fs.rmSync(program, { force: true }); });
beforeEach(() => {
  weld = new WeldFolder();
  puppet = Puppet.start(program, weld.dir, user);
});
afterEach(async () => {
  await puppet.kill();
  for (const folder of [weld.dir, weld.claims]) if (fs.existsSync(folder)) fs.chmodSync(folder, 0o755);
  weld.remove();
});

/** Makes a name the user's own, with these rights. */
function own(file: string, mode: number): void {
  if (user !== undefined) fs.chownSync(file, user, user);
  fs.chmodSync(file, mode);
}

async function worksNow(): Promise<void> {
  expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: true });
  expect(await puppet.tell({ do: 'assert' })).toMatchObject({ ok: true });
  await puppet.tell({ do: 'release' });
  expect(await inspectLock(weld.dir)).toEqual({ kind: 'free' });
}

describe.skipIf(process.platform === 'win32')('without the right to', { timeout: 60_000 }, () => {
  it('read active.lock: unreadable, and not removed', async () => {
    weld.legacy(1);
    own(weld.dir, 0o755);
    own(weld.face, 0o000);
    expect((await puppet.tell({ do: 'inspect' })).state).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('may not be read') as string });
    expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'LOCK_UNREADABLE', message: expect.stringMatching(/active\.lock: it may not be read by this user\).*move that away/u) as string });
    expect(fs.existsSync(weld.face)).toBe(true);
  });

  it('write .weld/lock: one sentence, nothing changed', async () => {
    fs.mkdirSync(weld.claims);
    own(weld.claims, 0o555);
    const before = weld.snapshot();
    expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'NOT_WRITABLE', message: expect.stringMatching(/cannot be taken in .*\.weld \(EACCES.*give yourself write access/u) as string });
    expect(weld.snapshot()).toEqual(before);
    fs.chmodSync(weld.claims, 0o755);
    await worksNow();
  });

  it('look into .weld/lock: unreadable, with a sentence', async () => {
    fs.mkdirSync(weld.claims);
    own(weld.claims, 0o000);
    expect((await puppet.tell({ do: 'inspect' })).state).toMatchObject({ kind: 'unreadable', why: expect.stringMatching(/lock: it may not be looked at/u) as string });
    expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'NOT_WRITABLE' });
  });

  it('write .weld, with a .weld/lock that may be written: nobody is left holding', async () => {
    fs.mkdirSync(weld.claims);
    own(weld.claims, 0o755);
    own(weld.dir, 0o555);
    expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'NOT_WRITABLE' });
    fs.chmodSync(weld.dir, 0o755);
    await worksNow();
  });

  it('write .weld/lock any more while the lock is held: the release leaves a face that says that it is free', async () => {
    own(weld.dir, 0o755);
    expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: true });
    fs.chmodSync(weld.claims, 0o555);
    expect(await puppet.tell({ do: 'assert' })).toMatchObject({ ok: true });
    expect(await puppet.tell({ do: 'release' })).toMatchObject({ ok: true });
    expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'free' });
    fs.chmodSync(weld.claims, 0o755);
    await worksNow();
  });
});

it.skipIf(process.getuid?.() !== 0)("another user's active.lock, which only that one may read, is unreadable and stays", async () => {
  weld.legacy(1);
  fs.chmodSync(weld.face, 0o600);
  expect(await puppet.tell({ do: 'acquire' })).toMatchObject({ ok: false, code: 'LOCK_UNREADABLE' });
  await expect(acquireRunLock(weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
});
