import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { doctor } from '../../../src/core/runs/doctor';
import { listRuns } from '../../../src/core/runs/listRuns';
import { bootSession } from '../../../src/core/system/boot';
import { EXPERIMENTAL, UNSUPPORTED } from '../../../src/core/util/supported';
import { makeRun, operate, snapshot } from './runs/support';

test('on Windows no operation begins, nothing is written, and runs can still be read', async () => {
  const { project, runId, weldDir } = await makeRun();
  const before = snapshot(weldDir);
  let ran = false;
  const windows = { ...project, platform: 'win32' as const };
  await expect(
    operate(windows, runId, async () => {
      ran = true;
    }),
  ).rejects.toMatchObject({ code: 'PLATFORM_UNSUPPORTED', message: UNSUPPORTED });
  expect([ran, snapshot(weldDir)]).toEqual([false, before]);
  expect((await listRuns(windows)).map(({ id }) => id)).toEqual([runId]);
});

test('doctor says the same and looks no further, and calls macOS experimental', async () => {
  const { project } = await makeRun();
  const opened: string[] = [];
  const open = async () => {
    opened.push('opened');
    return project;
  };
  expect((await doctor(open, { trusted: true, platform: 'win32' })).lines).toMatchObject([
    { level: 'failure', text: UNSUPPORTED },
  ]);
  expect(opened).toEqual([]);
  expect((await doctor(open, { trusted: true, platform: 'darwin' })).lines[0]).toMatchObject({
    level: 'warning',
    text: EXPERIMENTAL,
  });
});

test('the README says both in the same words', () => {
  const readme = fs.readFileSync(path.resolve('README.md'), 'utf8');
  for (const sentence of [UNSUPPORTED, EXPERIMENTAL]) expect(readme).toContain(sentence);
});

test('macOS tells the start of the machine, whatever its host is called; elsewhere no program is asked', () => {
  const asked: string[] = [];
  const ask = (answer: string) => (file: string, args: readonly string[]) => {
    asked.push([file, ...args].join(' '));
    return answer;
  };
  expect(bootSession('darwin', ask('0A1B2C3D-0A1B-4A1B-8A1B-0A1B2C3D4E5F\n'))).toBe(
    '0A1B2C3D-0A1B-4A1B-8A1B-0A1B2C3D4E5F',
  );
  expect(asked).toEqual(['/usr/sbin/sysctl -n kern.bootsessionuuid']);
  expect(['', 'unknown oid\n'].map((answer) => bootSession('darwin', ask(answer)))).toEqual([undefined, undefined]);
  const never = (): string => {
    throw new Error('asked');
  };
  expect(bootSession('win32', never)).toBeUndefined();
  if (process.platform === 'linux') expect(bootSession('linux', never)).toMatch(/^[\da-f-]{36}$/u);
});
