import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { COMMANDS } from '../../../src/ids';
import type { LockService } from '../../../src/platform/lockService';
import { api, call, codeOf, Holder, root, top, until, weldDir } from './host';

suite('after this window has lost the lock', () => {
  let runId = '';
  let locks: LockService;

  suiteSetup(async () => {
    ({ locks } = await (await api()).repositories.resolve());
    ({ runId } = await call<{ runId: string }>(COMMANDS.runStart, { spec: path.join(top(), 'docs/greetings.md'), name: 'lost' }));
  });
  setup(async () => {
    let lost = false;
    const ended = locks.operate({ runId, command: 'step loop 7', signal: new AbortController().signal, report: () => undefined }, ({ signal }) => new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        lost = true;
        resolve();
      });
    }));
    await until('the lock to be held', () => locks.onDisk.kind === 'held');
    takeOverElsewhere();
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

/** Another process takes the lock from this window and gives it back. */
function takeOverElsewhere(): void {
  const code = `import * as fs from 'node:fs'; import { takeOverLock } from ${JSON.stringify(path.join(root, 'src/core/lock/index.ts'))};
    const weldDir = ${JSON.stringify(weldDir())}; const { token, run_id: runId } = JSON.parse(fs.readFileSync(weldDir + '/active.lock', 'utf8'));
    await (await takeOverLock(weldDir, token, { runId, command: 'plan import' })).release();`;
  const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { cwd: root, encoding: 'utf8', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  assert.equal(ran.status, 0, ran.stderr);
}
