import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { git } from '../support/git';
import { until } from '../support/run';
import { fakeAgent, SAYS } from './support/fake';
import { SECRET } from './support/home';
import { ask, makeWorld } from './support/world';

/** The peak memory of this process while something runs, in MB above its memory before. */
async function growth(during: Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  let running = true;
  void during.finally(() => {
    running = false;
  });
  while (running) {
    most = Math.max(most, process.memoryUsage.rss());
    await sleep(50);
  }
  return (most - before) / 1024 / 1024;
}

describe.each(['claude', 'codex'] as const)('a program in place of %s', (kind) => {
  const says = SAYS[kind];

  test('that prints nothing gave no answer', async () => {
    const world = await makeWorld();
    expect((await ask(world, fakeAgent(world, kind, ''))).result).toMatchObject({ ok: false, failure: 'no_answer' });
  });

  test('that prints binary is unreadable', async () => {
    const world = await makeWorld();
    expect(
      (await ask(world, fakeAgent(world, kind, `print(require('node:crypto').randomBytes(3_000_000));`))).result,
    ).toMatchObject({ ok: false, failure: 'unreadable' });
  });

  test('that prints a line of 50 MB before its events is understood, in bounded memory', async () => {
    const world = await makeWorld();
    const asked = ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} const piece = Buffer.alloc(1_000_000, 'x'); print('{"type":"'); for (let i = 0; i < 50; ` +
          `i++) print(piece); print('\\n'); ${says.end}`,
      ),
    );
    expect(await growth(asked)).toBeLessThan(120);
    expect((await asked).result).toMatchObject({ ok: true, text: 'All done.' });
  });

  test('that streams 200 MB is followed in flat memory', async () => {
    const world = await makeWorld();
    let seen = 0;
    const asked = ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} const text = 'word '.repeat(20_000); for (let i = 0; i < 2000; i++) { ${says.text} ` +
          `} ${says.end}`,
      ),
      {
        onEvent: (event) => {
          if (event.kind === 'text') seen += event.text.length;
        },
      },
      false,
    );
    expect(await growth(asked)).toBeLessThan(150);
    expect((await asked).result).toMatchObject({ ok: true });
    expect(seen).toBeGreaterThan(199_000_000);
  });

  test('that prints invalid UTF-8 and broken lines among its events is understood', async () => {
    const world = await makeWorld();
    const { result } = await ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} print([0xff, 0xfe, 0xc3, 0x28, 0x0a]); print('{"type":\\n'); ` +
          `print('[1,2]\\nnull\\n"x"\\n{}\\n{"type":7}\\n'); const ` +
          `text = 'a'; ` +
          `${says.text} ${says.end}`,
      ),
    );
    expect(result).toMatchObject({ ok: true, text: 'All done.' });
    expect(world.logged.join('\n')).toMatch(/lines that are not events/u);
  });

  test('that exits with 0 before its task has ended gave no answer', async () => {
    const world = await makeWorld();
    expect(
      (await ask(world, fakeAgent(world, kind, `${says.begin} const text = 'I will'; ${says.text}`))).result,
    ).toMatchObject({ ok: false, failure: 'no_answer', usage: { sessionId: 'fake-session' } });
  });

  test('that crashes is quoted without its secrets', async () => {
    const world = await makeWorld();
    const { result } = await ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} process.stderr.write('before\\nfatal: cannot use ${SECRET}\\n'); process.exitCode = 3;`,
      ),
    );
    expect(result).toMatchObject({
      ok: false,
      failure: 'crash',
      message: expect.stringContaining('exit 3: fatal: cannot use ***') as string,
    });
    expect(JSON.stringify([result, world.logged])).not.toContain(SECRET);
  });

  test('that leaves a child with the pipe open is not waited for, and the child is ended', async () => {
    const world = await makeWorld();
    const began = performance.now();
    const { result } = await ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} spawn('sleep', ['1003'], { stdio: 'inherit', detached: true }).unref(); ${says.end}`,
      ),
    );
    expect(result).toMatchObject({ ok: true, text: 'All done.' });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(world.left()).toEqual([]);
  });

  test('that answers and does not end is ended', async () => {
    const world = await makeWorld();
    expect(
      (await ask(world, fakeAgent(world, kind, `${says.begin} ${says.end} setInterval(() => {}, 1000);`))).result,
    ).toMatchObject({ ok: true, text: 'All done.' });
    expect(world.left()).toEqual([]);
  });

  test('that ignores SIGTERM is ended all the same', async () => {
    const world = await makeWorld();
    const cancel = new AbortController();
    const asked = ask(
      world,
      fakeAgent(
        world,
        kind,
        `process.on('SIGTERM', () => {}); ${says.begin} fs.writeFileSync('ready', ''); setInterval(() => {}, 1000);`,
      ),
      { signal: cancel.signal },
    );
    await until('it runs', () => fs.existsSync(path.join(world.top, 'ready')), 60_000);
    cancel.abort();
    expect((await asked).result).toMatchObject({ ok: false, failure: 'cancelled' });
    expect(world.left()).toEqual([]);
  });

  test('that says nothing for too long is ended, also while it prints what is no event', async () => {
    const world = await makeWorld();
    const agent = fakeAgent(world, kind, `${says.begin} setInterval(() => print('still here\\n'), 100);`, {
      silenceMs: 4_000,
    });
    expect((await ask(world, agent)).result).toMatchObject({ ok: false, failure: 'timeout' });
    expect(world.left()).toEqual([]);
  });

  test('that floods standard error is understood', async () => {
    const world = await makeWorld();
    expect(
      (
        await ask(
          world,
          fakeAgent(
            world,
            kind,
            `${says.begin} const piece = Buffer.alloc(1_000_000, 'e'); for (let i = 0; i < 40; i++) for (let at ` +
              '= 0; at < piece.length;) { try { at += ' +
              'fs.writeSync(2, piece, ' +
              'at); } catch ' +
              '(error) { if ' +
              `(error.code !== 'EAGAIN') throw error; } } ${says.end}`,
          ),
        )
      ).result,
    ).toMatchObject({ ok: true });
  });

  test('that does not read its prompt is no error', async () => {
    const world = await makeWorld();
    expect(
      (
        await ask(world, fakeAgent(world, kind, `process.stdin.destroy(); ${says.begin} ${says.end}`), {
          prompt: 'x'.repeat(5_000_000),
        })
      ).result,
    ).toMatchObject({ ok: true });
  });

  test('that edits the lock, the repository and the history has still ended in a known way', async () => {
    const world = await makeWorld();
    const { result } = await ask(
      world,
      fakeAgent(
        world,
        kind,
        `${says.begin} fs.writeFileSync('.weld/active.lock', 'mine'); fs.rmSync('.weld/workers', { recursive: ` +
          `true, force: true }); fs.writeFileSync('b.txt', 'b'); ` +
          `execFileSync('git', ` +
          `['add', '--all']); ` +
          `execFileSync('git', ['commit', '--quiet', ` +
          `'--message', 'mine']); ` +
          `fs.writeFileSync('.git/index.lock', ` +
          `''); ${says.end}`,
      ),
    );
    expect(result).toMatchObject({ ok: true, text: 'All done.' });
    expect(await git(world.top, 'log', '--format=%s')).toBe('mine\nStart');
    expect(world.left()).toEqual([]);
  });
});
