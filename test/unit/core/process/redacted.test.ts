import { expect, test } from 'vitest';
import { createPrograms } from '../../../../src/core/process/index';
import { supervisionOf } from '../../../../src/core/process/supervision';
import { silentLogger } from '../../../../src/core/util/logger';
import { storage } from '../../../support/storage';
import { bundledSupervisor, heldLock, temporaryFolder } from './support';

const KEY = 'ghp_0123456789abcdefghijABCDEFGHIJ';

test('what a supervised program prints comes in without secrets, wherever the pieces are cut', async () => {
  const lines: string[] = [];
  const programs = createPrograms({
    log: { ...silentLogger, info: (text) => lines.push(text) },
    supervisorPath: bundledSupervisor(),
    storage,
  });
  const top = temporaryFolder();
  const heard = { stdout: '', stderr: '' };
  const code =
    `printf 'a ghp_0123456789'; sleep 0.3; printf 'abcdefghijABCDEFGHIJ b\\n'; echo "c ` +
    '$DEPLOY_PASSWORD" >&2; : ' +
    `${KEY} Bearer 0123456789abcdef`;
  const result = await supervisionOf(programs).supervise({
    file: 'sh',
    args: ['-c', code],
    cwd: top,
    lock: heldLock(top),
    timeoutMs: 20_000,
    env: { PATH: process.env['PATH'] ?? '', DEPLOY_PASSWORD: 'words only a person knows' },
    onOutput: (stream, text) => {
      heard[stream] += text;
    },
  });
  expect(heard).toEqual({ stdout: 'a *** b\n', stderr: 'c ***\n' });
  expect([Buffer.from(result.stdout).toString(), Buffer.from(result.stderr).toString()]).toEqual([
    'a *** b\n',
    'c ***\n',
  ]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toMatch(/ghp_0|0123456789abcdef/u);
});

test('bytes that are no text stay as they are', async () => {
  const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });
  const top = temporaryFolder();
  const result = await supervisionOf(programs).supervise({
    file: 'printf',
    args: ['\\377\\376\\000'],
    cwd: top,
    lock: heldLock(top),
    timeoutMs: 20_000,
  });
  expect([...result.stdout]).toEqual([0xff, 0xfe, 0]);
});
