import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import type { RunId } from '../../../src/core/artifacts/runIds';
import { COMMANDS } from '../../../src/ids';
import type { LockService } from '../../../src/platform/lockService';
import { api, call, codeOf, fromOutside, Holder, top, until } from './host';

suite('after this window has lost the lock', () => {
  let runId: RunId;
  let locks: LockService;

  suiteSetup(async () => {
    ({ locks } = await (await api()).repositories.resolve());
    ({ runId } = await call<{ runId: RunId }>(COMMANDS.runStart, {
      spec: path.join(top(), 'docs/greetings.md'),
      name: 'lost',
    }));
  });
  setup(async () => {
    let lost = false;
    const ended = locks.operate(
      { runId, command: 'step loop 7', signal: new AbortController().signal, report: () => undefined },
      ({ signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            lost = true;
            resolve();
          });
        }),
    );
    await until('the lock to be held', () => locks.onDisk.kind === 'held');
    fromOutside('take-over');
    await until('the loss to be noticed', () => lost);
    await ended.catch(() => undefined);
    await until('the loss to be shown', () => locks.view.kind === 'lost');
  });
  teardown(async () => {
    locks.acknowledge();
    await locks.look();
  });

  test('waiting ends at once when the lock is free', async () => {
    assert.deepEqual(await call(COMMANDS.lockWait), {});
    assert.equal(locks.view.kind, 'lost'); // until the person has seen it
  });

  test('waiting goes on while another holds it, and ends when that one releases it', async () => {
    const other = await Holder.start(runId);
    await until('the other to be seen', () => locks.onDisk.kind === 'held');
    const waiting = call(COMMANDS.lockWait);
    await other.release();
    assert.deepEqual(await waiting, {});
  });

  test('the new holder can be asked to stop, and its lock taken over', async () => {
    const other = await Holder.start(runId);
    try {
      const { token } = await until('the other to be seen', () => locks.onDisk.kind === 'held' && locks.onDisk.holder);
      assert.deepEqual(await call(COMMANDS.lockAskToStop), {});
      assert.deepEqual(await call(COMMANDS.lockTakeOver, { token }), {});
      assert.equal(locks.view.kind, 'free');
    } finally {
      await other.kill();
    }
  });

  test('with nobody there, asking says so', async () => {
    assert.equal(await codeOf(COMMANDS.lockAskToStop), 'LOCK_TOKEN_CHANGED');
  });
});
