import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunId } from '../../../src/core/artifacts/runIds';
import { COMMANDS } from '../../../src/ids';
import type { LockService } from '../../../src/platform/lockService';
import { api, call, codeOf, fromOutside, Holder, top, until, weldDir } from './host';

suite('the status item of the lock', () => {
  let runId: RunId;
  let locks: LockService;
  const words = async (): Promise<string> => (await api()).lock.words?.sentence ?? '';
  const shows = (what: RegExp, withinMs = 4000): Promise<unknown> =>
    until(`${String(what)} in the status item`, async () => what.test(await words()), withinMs);
  const work = (signal: AbortSignal, body: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    locks.operate({ runId, command: 'step loop 7', signal, report: () => undefined }, (operation) =>
      body(operation.signal),
    );

  const workUntilStopped = (): { readonly begun: Promise<void>; readonly ended: Promise<void> } => {
    let ended = Promise.resolve();
    const begun = new Promise<void>((begin) => {
      ended = work(
        new AbortController().signal,
        (signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              resolve();
            });
            begin();
          }),
      );
    });
    return { begun, ended };
  };

  suiteSetup(async () => {
    ({ locks } = await (await api()).repositories.resolve());
    ({ runId } = await call<{ runId: RunId }>(COMMANDS.runStart, {
      spec: path.join(top(), 'docs/greetings.md'),
      name: 'locks',
    }));
  });
  teardown(async () => {
    locks.acknowledge();
    await locks.look();
  });

  test('free', async () => {
    await shows(/The run lock is free/u);
    assert.equal((await api()).lock.words?.emphasis, 'none');
  });

  test('held here: what and how long, and free again afterwards', async () => {
    await work(new AbortController().signal, async () => {
      await shows(/This window holds the run lock: step loop 7 .*for \d+ s/u);
    });
    await shows(/is free/u);
  });

  test('stop ends the work of this window in order', async () => {
    const { begun, ended } = workUntilStopped();
    await begun;
    await shows(/This window holds/u);
    assert.deepEqual(await call(COMMANDS.stepStop, { runId }), {});
    await ended;
    await shows(/is free/u);
  });

  test('stop that comes with the very first sign of the lock is not lost', async () => {
    const { ended } = workUntilStopped();
    const face = path.join(weldDir(), 'active.lock');
    while (!fs.existsSync(face)) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await call(COMMANDS.stepStop, { runId }), {});
    // A phase that has not begun does not begin now.
    await ended.catch((error: unknown) => {
      assert.equal((error as { code?: string }).code, 'CANCELLED');
    });
    await shows(/is free/u);
  });

  test('held elsewhere: pid, command and age, and every changing command refused with nothing written', async () => {
    const other = await Holder.start(runId, 'step loop 1');
    const unsaved = await vscode.workspace.openTextDocument(path.join(top(), 'README.md'));
    const saved = fs.readFileSync(unsaved.fileName, 'utf8');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(unsaved.uri, new vscode.Position(0, 0), 'not saved\n');
    await vscode.workspace.applyEdit(edit);
    try {
      await shows(new RegExp(`held by step loop 1 .*process ${other.pid}.*for \\d+ s`, 'u'));
      const meta = path.join(weldDir(), 'runs', runId, 'meta.json');
      const before = fs.readFileSync(meta, 'utf8');
      const at = { runId, step: 1 };
      const changing: readonly (readonly [string, object])[] = [
        [COMMANDS.researchPrompt, { runId }],
        [COMMANDS.researchGenerate, { runId }],
        [COMMANDS.researchImport, { runId, file: 'README.md' }],
        [COMMANDS.researchReview, { runId }],
        [COMMANDS.planPrompt, { runId }],
        [COMMANDS.planGenerate, { runId }],
        [COMMANDS.planImport, { runId, file: 'README.md' }],
        [COMMANDS.planReview, { runId }],
        [COMMANDS.planApply, { runId }],
        [COMMANDS.stepSelect, at],
        [COMMANDS.stepLoop, at],
        [COMMANDS.stepSnapshot, at],
        [COMMANDS.stepReview, at],
        [COMMANDS.stepFixPrompt, at],
        [COMMANDS.stepSkip, at],
        [COMMANDS.stepAmend, at],
        [COMMANDS.stepRestore, at],
        [COMMANDS.issueWaive, { ...at, issue: 'x', reason: 'y' }],
        [COMMANDS.runAbandon, { runId }],
        [COMMANDS.commit, { runId, message: 'x', all: true }],
      ];
      for (const [id, args] of changing) assert.equal(await codeOf(id, args), 'LOCK_HELD', id);
      assert.equal(fs.readFileSync(meta, 'utf8'), before);
      assert.deepEqual([fs.readFileSync(unsaved.fileName, 'utf8'), unsaved.isDirty], [saved, true]);
      assert.equal((await call<{ kind: string }>(COMMANDS.lockShow)).kind, 'held');
      const started = await call<{ runId: string }>(COMMANDS.runStart, {
        spec: path.join(top(), 'docs/greetings.md'),
        name: 'meanwhile',
      });
      assert.match(started.runId, /meanwhile$/u);
      await other.release();
      await call(COMMANDS.stepSelect, at).catch(() => undefined); // there is no plan yet, but the lock is free
      assert.match(fs.readFileSync(unsaved.fileName, 'utf8'), /^not saved/u);
    } finally {
      await other.release();
      fs.writeFileSync(unsaved.fileName, saved);
    }
    await shows(/is free/u);
  });

  test('wait returns when the lock is released', async () => {
    const other = await Holder.start(runId);
    await shows(/is held by/u);
    const waiting = call(COMMANDS.lockWait);
    await other.release();
    assert.deepEqual(await waiting, {});
  });

  test('stale: left behind by a process that died, seen within two seconds', async () => {
    const other = await Holder.start(runId);
    await shows(/is held by/u);
    await other.kill();
    await shows(/was left by/u, 2500);
    assert.deepEqual(await call(COMMANDS.planPrompt, { runId }).then(() => 'done'), 'done');
    await shows(/is free/u);
  });

  test('unreadable: says what was found', async () => {
    const face = path.join(weldDir(), 'active.lock');
    fs.mkdirSync(face);
    try {
      await locks.look();
      await shows(/cannot be read .*folder/u);
    } finally {
      fs.rmdirSync(face);
    }
    await shows(/is free/u, 6000);
  });

  test('asked to stop by another process, this window ends its work in order', async () => {
    const { begun, ended } = workUntilStopped();
    await begun;
    await shows(/This window holds/u);
    fromOutside('ask');
    await ended;
    await shows(/is free/u);
  });

  test('lost: another took it over while this window worked, and it says who', async () => {
    let aborted = false;
    const ended = work(
      new AbortController().signal,
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve();
          });
        }),
    );
    await shows(/This window holds/u);
    const pid = fromOutside('take-over');
    await until('the work to be ended', () => aborted, 6000); // one heartbeat
    await ended.catch(() => undefined);
    await shows(
      new RegExp(
        `lost the run lock while it ran step loop 7; it was taken over by plan import .*process ${pid} on`,
        'u',
      ),
    );
    assert.equal((await api()).lock.words?.emphasis, 'error');
    locks.acknowledge();
    await shows(/is free/u);
  });

  test('take over works with the token on screen only', async () => {
    const other = await Holder.start(runId);
    try {
      await shows(/is held by/u);
      assert.equal(await codeOf(COMMANDS.lockTakeOver, { token: 'another' }), 'LOCK_TOKEN_CHANGED');
      const { holder } = await call<{ holder: { token: string } }>(COMMANDS.lockShow);
      assert.deepEqual(await call(COMMANDS.lockTakeOver, { token: holder.token }), {});
      await shows(/is free/u);
    } finally {
      await other.kill();
    }
  });
});
