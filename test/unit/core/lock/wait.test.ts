import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as fs from 'node:fs';
import { acquireRunLock } from '../../../../src/core/lock';
import { untilItMayBeFree } from '../../../../src/core/lock/wait';
import { bundlePuppet, Puppet } from './puppets';
import { WeldFolder } from './weldFolder';

const NEVER_LOOKS = 2 ** 30;
const request = { runId: '20260105-120000-wait', command: 'step loop 1' };

let program: string;
let weld: WeldFolder;
let puppet: Puppet;
beforeAll(async () => { program = await bundlePuppet(); });
afterAll(() => { fs.rmSync(program, { force: true }); });
beforeEach(() => {
  weld = new WeldFolder();
  puppet = Puppet.start(program, weld.dir);
});
afterEach(async () => {
  await puppet.kill();
  weld.remove();
});

describe.skipIf(process.platform !== 'linux')('who waits, and would not look by itself for days, is woken', { timeout: 30_000 }, () => {
  it('by the release', async () => {
    await puppet.hold();
    const woken = untilItMayBeFree(weld.dir, NEVER_LOOKS, undefined, NEVER_LOOKS);
    expect(await puppet.tell({ do: 'release' })).toMatchObject({ ok: true });
    await woken;
    await (await acquireRunLock(weld.dir, request)).release();
  });

  it('by a release that came between the refusal and the wait', async () => {
    await puppet.hold();
    await expect(acquireRunLock(weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
    await puppet.tell({ do: 'release' });
    await untilItMayBeFree(weld.dir, NEVER_LOOKS, undefined, NEVER_LOOKS);
  });

  it('by who cancels', async () => {
    await puppet.hold();
    const abort = new AbortController();
    const waiting = untilItMayBeFree(weld.dir, NEVER_LOOKS, abort.signal, NEVER_LOOKS);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
