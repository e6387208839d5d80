import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunId } from '../../../src/core/artifacts/runIds';
import { inspectLock, type LockRecord } from '../../../src/core/lock';
import type { Operation, Project } from '../../../src/core/project';
import { commitRun } from '../../../src/core/runs/commitRun';
import { planGenerate, planImport } from '../../../src/core/runs/importPlan';
import { startRun } from '../../../src/core/runs/start';
import { runLoop } from '../../../src/core/steps/runLoop';
import { selectStep } from '../../../src/core/steps/select';
import { git } from '../../support/git';
import { PLAN } from '../../support/recordings';
import { until } from '../../support/run';
import { SecondProcess } from '../../support/second-process';
import { MUTATING } from './operations';
import { makeRun, operate, snapshot, temporaryFolder, type World } from './runs/support';

/** They have nothing to take over, accept or remove, so they write nothing. */
const IDLE = ['step amend 2', 'step accept 2', 'step unaccept 2'];

type Run = World & { readonly runId: RunId };

/** The record on disk; it is rewritten in place, so a read can meet a half-written heartbeat. */
async function lockOnDisk(project: Project): Promise<LockRecord> {
  return until('a readable active.lock', () => {
    try {
      return JSON.parse(fs.readFileSync(project.paths.activeLock, 'utf8')) as LockRecord;
    } catch {
      return null;
    }
  });
}

/** Everything except the times in the holder's record. */
async function everything({ top, project }: Run): Promise<unknown> {
  const { last_heartbeat: _text, heartbeat_at_ms: _ms, ...held } = await lockOnDisk(project);
  const lockFiles = (name: string): boolean => name.startsWith('.weld/lock/e-') || name === '.weld/active.lock';
  return {
    files: snapshot(top, lockFiles),
    locks: fs.readdirSync(project.paths.lockDir).sort(),
    held,
    head: fs.readFileSync(path.join(top, '.git/HEAD'), 'utf8'),
    refs: await git(top, 'for-each-ref'),
    index: fs.readFileSync(path.join(top, '.git/index')).toString('hex'),
  };
}

describe('while another live process holds the lock', () => {
  let run: Run;
  let other: SecondProcess;
  let before: unknown;

  beforeAll(async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-matrix-'));
    run = await makeRun({ checks: { test: 'true' } }, { skipResearch: true }, folder);
    await operate(run.project, run.runId, async (op) => {
      await planImport(op, { runId: run.runId, markdown: PLAN });
      await selectStep(op, { run: run.runId, step: 2 });
      await runLoop(op, { run: run.runId, step: 2, maxIterations: 1 });
    });
    fs.writeFileSync(path.join(run.top, 'untracked.txt'), 'mine');
    await git(run.top, 'add', 'src');
    other = await SecondProcess.hold(run.weldDir, run.runId, 'step loop 2');
    before = await everything(run);
  }, 120_000);
  afterAll(async () => {
    await other.release();
    fs.rmSync(path.dirname(run.top), { recursive: true, force: true });
  });

  test.each(MUTATING)('$command is refused, names the holder, and changes nothing', async ({ command, run: body }) => {
    const error: unknown = await operate(run.project, run.runId, (op) => body(op, run.runId), { command }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: other.pid, command: 'step loop 2', run_id: run.runId, token: other.record.token },
    });
    expect((error as Error).message).toContain(String(other.pid));
    expect(await everything(run)).toEqual(before);
  });

  test('run start succeeds, and leaves the lock to its holder', async () => {
    const { runId } = await startRun(run.project, { spec: run.spec, name: 'meanwhile' });
    expect(fs.existsSync(run.project.paths.run(runId).meta)).toBe(true);
    expect((await lockOnDisk(run.project)).token).toBe(other.record.token);
    fs.rmSync(run.project.paths.run(runId).root, { recursive: true });
  });
});

describe('under its own lock', () => {
  /** Reads the disk before every write. */
  function watched(op: Operation, seen: string[]): Operation {
    const { lock } = op;
    const look = (): void => {
      lock.assertHeld();
      seen.push((JSON.parse(fs.readFileSync(op.project.paths.activeLock, 'utf8')) as LockRecord).token ?? '');
    };
    return { ...op, lock: Object.create(lock, { assertHeld: { value: look } }) as Operation['lock'] };
  }

  test('every operation has one token on disk from first to last write, and none after success or error', async () => {
    const run = await makeRun({ checks: { test: 'true' } }, {});
    const tokens = new Set<string>();
    for (const { command, run: body } of MUTATING) {
      const seen: string[] = [];
      let token = '';
      await operate(
        run.project,
        run.runId,
        (op) => {
          token = op.lock.record.token ?? '';
          return body(watched(op, seen), run.runId);
        },
        { command },
      ).catch((error: unknown) => {
        throw new Error(`${command}: ${String(error)}`, { cause: error });
      });
      expect([command, [...new Set(seen)]]).toEqual([command, IDLE.includes(command) ? [] : [token]]);
      expect([command, tokens.has(token)]).toEqual([command, false]);
      tokens.add(token);
      expect([command, await inspectLock(run.weldDir)]).toEqual([command, { kind: 'free' }]);
      const failing = operate(run.project, run.runId, () => Promise.reject(new Error('boom')), { command });
      await expect(failing).rejects.toThrow('boom');
      expect([command, await inspectLock(run.weldDir), fs.existsSync(run.project.paths.activeLock)]).toEqual([
        command,
        { kind: 'free' },
        false,
      ]);
    }
  }, 180_000);

  /** A program that logs the lock's token every 100 ms. */
  function probe(): { readonly command: (file: string, forMs: number) => string; readonly seen: () => LockRecord[] } {
    const folder = temporaryFolder();
    const script = path.join(folder, 'probe.mjs');
    const out = path.join(folder, 'seen.jsonl');
    fs.writeFileSync(
      script,
      `
      import * as fs from 'node:fs';
      const [lock, forMs] = process.argv.slice(2);
      const end = Date.now() + Number(forMs);
      do {
        let text = '{}';
        try { text = JSON.stringify(JSON.parse(fs.readFileSync(lock, 'utf8'))); } catch (error) {
          if (error.code === 'ENOENT') text = '{"token":"none"}'; else continue;
        }
        fs.appendFileSync(${JSON.stringify(out)}, text + '\\n');
        await new Promise((wake) => setTimeout(wake, 100));
      } while (Date.now() < end);
    `,
    );
    return {
      command: (file, forMs) => `node ${script} ${file} ${forMs}`,
      seen: () =>
        fs.existsSync(out)
          ? fs
              .readFileSync(out, 'utf8')
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line) as LockRecord)
          : [],
    };
  }
  const tokensOf = (records: readonly LockRecord[]): unknown[] => [...new Set(records.map((record) => record.token))];

  test('a check sees the loop’s token throughout, and its heartbeat advance across three intervals', async () => {
    const { command, seen } = probe();
    const run = await makeRun();
    fs.writeFileSync(
      run.project.paths.config,
      fs
        .readFileSync(run.project.paths.config, 'utf8')
        .replace(/^test = .*$/mu, `test = ${JSON.stringify(command(run.project.paths.activeLock, 17_000))}`),
    );
    let token: string | undefined;
    await operate(
      run.project,
      run.runId,
      async (op) => {
        token = op.lock.record.token;
        await planImport(op, { runId: run.runId, markdown: PLAN });
        await selectStep(op, { run: run.runId, step: 1 });
        await runLoop(op, { run: run.runId, step: 1, maxIterations: 1 });
      },
      { command: 'step loop 1' },
    );
    expect(tokensOf(seen())).toEqual([token]);
    expect(new Set(seen().map((record) => record.heartbeat_at_ms)).size).toBeGreaterThanOrEqual(3);
    expect(await inspectLock(run.weldDir)).toEqual({ kind: 'free' });
  }, 120_000);

  test('a git hook sees the commit’s token', async () => {
    const { command, seen } = probe();
    const run = await makeRun();
    fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
    for (const name of ['pre-commit', 'commit-msg', 'post-commit'])
      fs.writeFileSync(
        path.join(run.top, '.git/hooks', name),
        `#!/bin/sh\nexec ${command(run.project.paths.activeLock, 200)}\n`,
        { mode: 0o755 },
      );
    fs.writeFileSync(path.join(run.top, 'new.txt'), 'new');
    let token: string | undefined;
    await operate(
      run.project,
      run.runId,
      (op) => {
        token = op.lock.record.token;
        return commitRun(op, { runId: run.runId, message: 'New', all: true });
      },
      { command: 'commit' },
    );
    expect(tokensOf(seen())).toEqual([token]);
    expect(await inspectLock(run.weldDir)).toEqual({ kind: 'free' });
  });

  test('an agent sees the operation’s token; cancelled, it leaves no lock and the run as it was', async () => {
    const run = await makeRun();
    fs.writeFileSync(run.project.paths.config, '[task_models]\nplan_generation = { provider = "manual" }\n');
    const abort = new AbortController();
    let seen: unknown;
    let token: string | undefined;
    const person = {
      answer: async (): Promise<null> => {
        seen = (await lockOnDisk(run.project)).token;
        abort.abort();
        return null;
      },
    };
    const cancelled = operate(
      run.project,
      run.runId,
      (op) => {
        token = op.lock.record.token;
        return planGenerate(op, { runId: run.runId });
      },
      { command: 'plan generate', signal: abort.signal, person },
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toBe(token);
    expect(await inspectLock(run.weldDir)).toEqual({ kind: 'free' });
    expect(fs.existsSync(run.project.paths.run(run.runId).planRaw)).toBe(false);
  });

  test('a commit cancelled in its hook leaves no lock, no commit and no program', async () => {
    const { command, seen } = probe();
    const run = await makeRun();
    fs.mkdirSync(path.join(run.top, '.git/hooks'), { recursive: true });
    fs.writeFileSync(
      path.join(run.top, '.git/hooks/pre-commit'),
      `#!/bin/sh\nexec ${command(run.project.paths.activeLock, 60_000)}\n`,
      { mode: 0o755 },
    );
    fs.writeFileSync(path.join(run.top, 'new.txt'), 'new');
    const head = await git(run.top, 'rev-parse', 'HEAD');
    const abort = new AbortController();
    const cancelled = operate(
      run.project,
      run.runId,
      (op) => commitRun(op, { runId: run.runId, message: 'New', all: true }),
      { command: 'commit', signal: abort.signal },
    );
    await until('the hook to run', () => seen().length > 0);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await git(run.top, 'rev-parse', 'HEAD')).toBe(head);
    expect(await inspectLock(run.weldDir)).toEqual({ kind: 'free' });
    const count = seen().length;
    await new Promise((wake) => setTimeout(wake, 400));
    expect(seen()).toHaveLength(count);
    expect(tokensOf(seen())).not.toContain('none');
  });
});
