import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPrograms } from '../../../../src/core/process/index';
import { locateProgram, resolveProgram } from '../../../../src/core/process/resolve';
import { silentLogger } from '../../../../src/core/util/logger';
import { mustRun } from '../../../support/run';
import { storage } from '../../../support/storage';
import { bundledSupervisor, heldLock, supervise, temporaryFolder } from './support';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });

function program(file: string, says: string, mode = 0o755): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\necho ${says}\n`, { mode });
  return file;
}

async function repository(): Promise<string> {
  const top = temporaryFolder();
  await mustRun('git', ['init', '-q', top]);
  return top;
}

describe('a bare name', () => {
  test.each(['', '.', './', 'bin', '../bin', 'sub/..'])('is never found through the PATH entry "%s"', async (entry) => {
    const top = await repository();
    for (const folder of ['.', 'bin', '../bin']) program(path.resolve(top, folder, 'weld-own'), 'theirs');
    // Relative paths are relative to the folder of this process.
    const before = process.cwd();
    process.chdir(top);
    onTestFinished(() => {
      process.chdir(before);
    });
    for (const list of [`${entry}:/usr/bin:/bin`, `/usr/bin:/bin:${entry}`, `/usr/bin:${entry}:/bin`, entry])
      for (const inRepository of [true, false])
        expect(resolveProgram('weld-own', top, { PATH: list }, { inRepository }), list).toBeNull();
    fs.rmSync(path.resolve(top, '../bin'), { recursive: true });
  });

  test(
    'is found in a folder of the work tree only where the caller allows it, also through a link and ' +
      'from a subfolder',
    async () => {
      const top = await repository();
      const bin = path.join(top, 'node_modules/.bin');
      const file = program(path.join(bin, 'weld-own'), 'theirs');
      const link = path.join(temporaryFolder(), 'link');
      fs.symlinkSync(bin, link);
      fs.mkdirSync(path.join(top, 'sub'));
      for (const cwd of [top, path.join(top, 'sub')])
        for (const folder of [bin, link]) {
          expect(resolveProgram('weld-own', cwd, { PATH: `${folder}:/usr/bin` })).toBeNull();
          expect(resolveProgram('weld-own', cwd, { PATH: `${folder}:/usr/bin` }, { inRepository: true })).toBe(
            path.join(folder, 'weld-own'),
          );
        }
      expect(resolveProgram('./node_modules/.bin/weld-own', top, {})).toBe(file);
      expect(resolveProgram('weld-own', temporaryFolder(), { PATH: bin })).toBe(file); // of another repository: allowed
    },
  );

  test('is found in the home that is a repository itself', async () => {
    const home = os.homedir();
    const folder = fs.mkdtempSync(path.join(home, '.weld-test-'));
    const file = program(path.join(folder, 'weld-own'), 'mine');
    try {
      expect(resolveProgram('weld-own', home, { PATH: folder })).toBe(file);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test('what may not be run is passed over, and is said where there is nothing else', () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    program(path.join(one, 'weld-own'), 'no', 0o644);
    expect(locateProgram('weld-own', { cwd: two, env: { PATH: one } })).toEqual({
      how: 'forbidden',
      file: path.join(one, 'weld-own'),
    });
    const file = program(path.join(two, 'weld-own'), 'yes');
    expect(resolveProgram('weld-own', one, { PATH: `${one}:${two}` })).toBe(file);
    fs.mkdirSync(path.join(one, 'a-folder'));
    expect(resolveProgram('a-folder', two, { PATH: one })).toBeNull();
  });

  test.each(['', 'a\0b'])('%j is none', (name) => {
    expect(resolveProgram(name, '/', { PATH: '/bin' })).toBeNull();
  });

  test('without a PATH the usual folders count', () => {
    expect(resolveProgram('sh', '/', {})).toMatch(/^\/(usr\/)?bin\/sh$/u);
  });
});

test('on Windows an ending is needed, and a real program comes before a batch file', () => {
  const folder = temporaryFolder();
  for (const name of ['claude', 'claude.CMD']) program(path.join(folder, name), 'x');
  const at = (): string | null =>
    resolveProgram('claude', '/', { PATH: folder, PATHEXT: '.CMD;.EXE' }, { platform: 'win32' });
  expect(at()).toBe(path.join(folder, 'claude.CMD'));
  program(path.join(folder, 'claude.EXE'), 'x');
  expect(at()).toBe(path.join(folder, 'claude.EXE'));
});

describe.each(['run', 'supervise'] as const)('%s', (how) => {
  const start = (
    top: string,
    file: string,
    more: { readonly env: Record<string, string>; readonly inRepository?: boolean },
    args: readonly string[] = [],
  ) => {
    const request = { file, args, cwd: top, timeoutMs: 20_000, ...more };
    return how === 'run' ? programs.run(request) : supervise(programs, { ...request, lock: heldLock(top) });
  };

  test.each(['.:/usr/bin:/bin', ':/usr/bin:/bin', '/usr/bin:/bin:', '/usr/bin:/bin::', './:/usr/bin:/bin'])(
    'PATH=%s runs no ./git, and none below what it starts',
    async (list) => {
      const top = await repository();
      for (const name of ['git', 'weld-own']) program(path.join(top, name), 'theirs');
      expect(text((await start(top, 'git', { env: { PATH: list } }, ['--version'])).stdout)).toMatch(/^git version/u);
      expect((await start(top, 'weld-own', { env: { PATH: list } })).ended).toEqual({
        how: 'missing',
        file: 'weld-own',
      });
      const below = await start(top, 'sh', { env: { PATH: list } }, ['-c', 'git --version; weld-own']);
      expect(text(below.stdout)).toMatch(/^git version[^\n]*\n$/u);
    },
  );

  test('a PATH of nothing but the working folder finds the system, not the folder', async () => {
    const top = await repository();
    program(path.join(top, 'weld-own'), 'theirs');
    expect((await start(top, 'sh', { env: { PATH: '.' } }, ['-c', 'weld-own'])).exitCode).toBe(127);
  });

  test('a script whose interpreter is missing, or ends with a carriage return, says so', async () => {
    const top = temporaryFolder();
    fs.writeFileSync(path.join(top, 'one'), '#!/no/such/interpreter -x\n', { mode: 0o755 });
    fs.writeFileSync(path.join(top, 'two'), '#!/bin/sh\r\necho\r\n', { mode: 0o755 });
    expect((await start(top, './one', { env: {} })).ended).toMatchObject({
      how: 'crashed',
      why: expect.stringContaining('/no/such/interpreter, which does not exist') as string,
    });
    expect((await start(top, './two', { env: {} })).ended).toMatchObject({
      how: 'crashed',
      why: expect.stringContaining('carriage return') as string,
    });
  });
});
