import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptOutput } from '../../../../src/core/process/follow';
import { inheritedEnvironment, shownCommand } from '../../../../src/core/process/resolve';
import { hasMarker, listProcesses, parsePs, startOf } from '../../../../src/core/system/processes';

describe('KeptOutput', () => {
  test('keeps all up to the limit, else exactly the first and the last half', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 100 }),
        (chunks, limit) => {
          const kept = new KeptOutput(limit);
          for (const chunk of chunks) kept.add(Buffer.from(chunk));
          const all = Buffer.concat(chunks);
          const expected =
            all.length <= limit
              ? all
              : Buffer.concat([
                  all.subarray(0, Math.ceil(limit / 2)),
                  all.subarray(all.length - Math.floor(limit / 2)),
                ]);
          expect(kept.truncated).toBe(all.length > limit);
          expect(kept.bytes().equals(expected)).toBe(true);
        },
      ),
    );
  });
});

describe('the table of processes', () => {
  test('knows this process, its parent and its start', async () => {
    const me = (await listProcesses()).find((entry) => entry.pid === process.pid);
    expect(me).toMatchObject({ parent: process.ppid, startedAt: await startOf(process.pid) });
    expect(await startOf(2 ** 22 + 1)).toBeNull();
  });

  test('reads what ps prints, without zombies', () => {
    const ran = spawnSync('ps', ['-ax', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const mine = parsePs(ran.stdout).find((entry) => entry.pid === process.pid);
    expect(mine?.parent).toBe(process.ppid);
    expect(Number.isNaN(Date.parse(mine?.startedAt ?? ''))).toBe(false);
    expect(parsePs('  7  1  7 Z+   Mon Jan  5 12:00:00 2026\n\nrubbish\n')).toEqual([]);
    expect(parsePs('  7  1  6 Ss   Mon Jan  5 12:00:00 2026  \n')).toEqual([
      { pid: 7, parent: 1, session: 6, startedAt: 'Mon Jan  5 12:00:00 2026' },
    ]);
  });

  test('reads what ps prints on macOS: one look has commands and environments with it', () => {
    const [one, two] = parsePs(
      [
        '  701     1   701 Ss   Mon Jan  5 12:00:00 2026     /bin/sh -c Tue Jan  6 12:00:00 2026 A=1 ' +
          'WELD_WORKER=outer,inner HOME=/Users/me',
        '  702   701   701 S+   Mon Jan 15 12:00:01 2026     node x WELD_WORKERS=inner XWELD_WORKER=inner ' +
          'WELD_WORKER=inner-2',
      ].join('\n'),
    );
    expect(one).toMatchObject({ pid: 701, startedAt: 'Mon Jan  5 12:00:00 2026' });
    expect(two).toMatchObject({ pid: 702, startedAt: 'Mon Jan 15 12:00:01 2026' });
    expect(['outer', 'inner', 'oute', 'A', ''].map((marker) => one && hasMarker(one, marker))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(['inner', 'inner-2'].map((marker) => two && hasMarker(two, marker))).toEqual([false, true]);
  });

  test('a marker counts only as a whole value of its own variable', async () => {
    const child = spawn('sleep', ['300'], { env: { OTHER: 'WELD_WORKER=theirs', WELD_WORKER: 'outer,inner' } });
    const pid = child.pid ?? 0;
    try {
      await once(child, 'spawn');
      expect(['outer', 'inner'].map((marker) => hasMarker({ pid }, marker))).toEqual([true, true]);
      expect(
        ['theirs', 'inne', 'outer,inner', 'WELD_WORKER', '', '\0'].map((marker) => hasMarker({ pid }, marker)),
      ).toEqual([false, false, false, false, false, false]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('the environment', () => {
  test('is the own one less what names the editor', () => {
    expect(
      inheritedEnvironment({
        PATH: '/bin',
        VSCODE_PID: '1',
        ELECTRON_RUN_AS_NODE: '1',
        NODE_OPTIONS: '--inspect',
        GIT_ASKPASS: 'x',
        NOT: undefined,
        HOME: '/h',
      }),
    ).toEqual({ PATH: '/bin', HOME: '/h' });
  });

  test('a command is shown shortened, and in little time whatever it is', () => {
    const begun = performance.now();
    const shown = shownCommand('claude', [
      '-p',
      'x'.repeat(3_000_000),
      ...Array.from({ length: 60 }, (_, i) => `a${i}`),
    ]);
    expect(shown.length).toBeLessThan(500);
    expect(shown).toContain('… (22 more)');
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
