import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireRunLock, describeLock, inspectLock, lockMechanism, requestStop } from '../../../../src/core/lock';
import { WeldError } from '../../../../src/core/util/errors';
import { WeldFolder } from './weldFolder';

const request = { runId: '20260105-120000-words', command: 'step loop 1' };
const TOKEN = '00000000-0000-4000-8000-000000000000';

let weld: WeldFolder;
beforeEach(() => {
  weld = new WeldFolder();
});
afterEach(() => {
  weld.remove();
});

const face = (text: string) => (): void => {
  fs.writeFileSync(weld.face, text);
};
const record = (more: Record<string, unknown>): string =>
  JSON.stringify({ pid: process.ppid, run_id: 'r', command: 'c', started_at: 's', last_heartbeat: 's', ...more });
const elsewhere = (): string => {
  const folder = path.join(weld.outside, 'elsewhere');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
};
const inLock = (name: string, make: (file: string) => void) => (): void => {
  fs.mkdirSync(weld.claims);
  make(path.join(weld.claims, name));
};
const MOVE = 'if no other Weld is running, move it away and try again.';
const WAIT = 'wait until it ends, or ask the holder to stop.';

/** What is there · what is found · what to do. */
const rows: readonly (readonly [string, () => void, RegExp, string])[] = [
  ['an empty active.lock', face(''), /active\.lock: it is empty/u, MOVE],
  ['half a record', face('{"pid": 12, "run_'), /active\.lock: it is not valid JSON/u, MOVE],
  ['a record of a future version', face('{"version": 9}'), /active\.lock: its "pid" is wrong/u, MOVE],
  ['a pid of "12"', face(record({ pid: '12' })), /active\.lock: its "pid" is wrong/u, MOVE],
  ['a pid of 1', face(record({ pid: 1 })), /held by c \(run r\), process 1;/u, WAIT],
  ['a number that no claim can have', face(record({ epoch: 1e12 })), /active\.lock: its "epoch" is wrong/u, MOVE],
  [
    'a live holder on another host',
    face(record({ host: 'far', boot_id: 'b', token: TOKEN, epoch: 3 })),
    /held by c \(run r\), process \d+ on far;/u,
    WAIT,
  ],
  [
    '100 MB',
    () => {
      face('{')();
      fs.truncateSync(weld.face, 1e8);
    },
    /active\.lock: it is 100000000 bytes long/u,
    MOVE,
  ],
  [
    'a folder',
    () => {
      fs.mkdirSync(weld.face);
    },
    /active\.lock: it is a folder/u,
    MOVE,
  ],
  [
    'a symbolic link to outside',
    () => {
      fs.symlinkSync(path.join(elsewhere(), 'x'), weld.face);
    },
    /active\.lock: it is a symbolic link/u,
    MOVE,
  ],
  [
    'a pipe',
    () => {
      spawnSync('mkfifo', [weld.face]);
    },
    /active\.lock: it is not a regular file/u,
    MOVE,
  ],
  [
    'an empty claim',
    inLock('e-000000000005', (file) => {
      fs.writeFileSync(file, '');
    }),
    /lock\/e-000000000005: it is empty/u,
    MOVE,
  ],
  [
    'a folder for a claim',
    inLock('e-000000000005', (file) => {
      fs.mkdirSync(file);
    }),
    /lock\/e-000000000005: it is a folder/u,
    MOVE,
  ],
  [
    'a link for a claim',
    inLock('e-000000000005', (file) => {
      fs.symlinkSync('/etc/hostname', file);
    }),
    /lock\/e-000000000005: it is a symbolic link/u,
    MOVE,
  ],
  [
    '.weld/lock as a link to outside',
    () => {
      fs.symlinkSync(elsewhere(), weld.claims);
    },
    /\.weld\/lock: it is a symbolic link, which is not followed/u,
    MOVE,
  ],
  [
    '.weld/lock as a file',
    () => {
      fs.writeFileSync(weld.claims, 'mine');
    },
    /\.weld\/lock: it is not a folder/u,
    MOVE,
  ],
  [
    '.weld as a link to outside',
    () => {
      fs.rmdirSync(weld.dir);
      fs.symlinkSync(elsewhere(), weld.dir);
    },
    /\.weld: it is a symbolic link, which is not followed/u,
    MOVE,
  ],
  [
    '.weld as a file',
    () => {
      fs.rmdirSync(weld.dir);
      fs.writeFileSync(weld.dir, 'mine');
    },
    /\.weld: it is not a folder/u,
    MOVE,
  ],
];

describe.skipIf(process.platform === 'win32')(
  'what stands there is told in one sentence, by who looks and by who is refused, and stays as it was',
  () => {
    it.each(rows)('%s', async (_name, make, found, todo) => {
      make();
      const before = weld.snapshot();
      const looked = describeLock(await inspectLock(weld.dir), Date.now());
      const refused = await acquireRunLock(weld.dir, request).then(
        () => 'got it',
        (error: unknown) => (error instanceof WeldError ? error.message : `raw: ${String(error)}`),
      );
      for (const sentence of [looked, refused]) {
        expect(sentence).toMatch(found);
        expect(sentence.endsWith(todo), sentence).toBe(true);
      }
      expect(weld.snapshot()).toEqual(before);
    });
  },
);

describe.skipIf(process.platform === 'win32')('neither the try for hard links nor the wish to stop goes', () => {
  it.each([
    [
      'through a link in the place of .weld/lock',
      () => {
        fs.symlinkSync(elsewhere(), weld.claims);
      },
    ],
    [
      'through a link in the place of .weld',
      () => {
        fs.rmdirSync(weld.dir);
        fs.symlinkSync(elsewhere(), weld.dir);
      },
    ],
    [
      'into a file in the place of .weld/lock',
      () => {
        fs.writeFileSync(weld.claims, 'mine');
      },
    ],
  ] as const)('%s', async (_name, make) => {
    make();
    const before = weld.snapshot();
    expect(await lockMechanism(weld.dir)).toBe('unknown');
    expect(() => {
      requestStop(weld.dir, TOKEN);
    }).toThrow(expect.objectContaining({ code: 'LOCK_UNREADABLE', message: expect.stringContaining(MOVE) as string }));
    expect(weld.snapshot()).toEqual(before);
  });

  it('through a link that has the name of the wish: what it points to is not emptied, and the wish counts', () => {
    fs.mkdirSync(weld.claims);
    const precious = path.join(weld.outside, 'precious');
    fs.writeFileSync(precious, 'kept');
    fs.symlinkSync(precious, path.join(weld.claims, `stop-${TOKEN}`));
    requestStop(weld.dir, TOKEN);
    expect(fs.readFileSync(precious, 'utf8')).toBe('kept');
  });

  it('without a folder for it: one sentence that says what to do', () => {
    expect(() => {
      requestStop(weld.dir, TOKEN);
    }).toThrow(
      expect.objectContaining({
        code: 'NOT_WRITABLE',
        message: expect.stringMatching(/cannot be asked to stop \(ENOENT.*; give yourself write access/u) as string,
      }),
    );
  });
});
