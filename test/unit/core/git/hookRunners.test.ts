import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { inDepth, some } from '../../../support/deep';
import { temporaryFolder } from '../process/support';
import { type Place, place } from './support';

vi.setConfig({ testTimeout: 120_000 });

const require = createRequire(import.meta.url);
const lintStaged = path.join(path.dirname(require.resolve('lint-staged/package.json')), 'bin', 'lint-staged.js');
const hasPreCommit = spawnSync('pre-commit', ['--version']).status === 0;

/** Replaces `bad` with `good`. */
const FORMATTER = `const fs = require('node:fs');
for (const file of process.argv.slice(2))
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll('bad', 'good'));
`;
/** Refuses a file with `wrong` in it. */
const LINTER = `const fs = require('node:fs');
for (const file of process.argv.slice(2))
  if (fs.readFileSync(file, 'utf8').includes('wrong')) {
    console.log(file + ':1:1 error wrong is not allowed');
    process.exitCode = 1;
  }
`;

type Runner = (here: Place, command: string) => void;

const runners: Readonly<Record<string, Runner>> = {
  'lint-staged'(here, command) {
    here.write('package.json', JSON.stringify({ 'lint-staged': { '*.txt': command } }));
    hook(here, `exec '${process.execPath}' '${lintStaged}'`);
  },
  'pre-commit'(here, command) {
    const local = { id: 'own', name: 'own', language: 'system', entry: command, files: '\\.txt$' };
    here.write('.pre-commit-config.yaml', JSON.stringify({ repos: [{ repo: 'local', hooks: [local] }] }));
    hook(here, 'exec pre-commit run');
  },
};

function hook(here: Place, line: string): void {
  const file = path.join(here.top, '.git', 'hooks', 'pre-commit');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

/** A repository with committed files and a hook runner. */
async function withRunner(make: Runner, program: string): Promise<Place> {
  vi.stubEnv('PRE_COMMIT_HOME', temporaryFolder());
  const here = await place();
  for (const file of ['a.txt', 'b.txt']) here.write(file, 'one\ntwo\nthree\n');
  here.write('tool.cjs', program);
  make(here, `node ${path.join(here.top, 'tool.cjs')}`);
  await here.git('add', '.');
  await here.git('commit', '-qm', 'begin', '--no-verify');
  return here;
}

const commit = (here: Place, what: 'staged' | 'all' | readonly string[]): ReturnType<Place['repository']['commit']> =>
  here.repository.commit(here.lock, { message: 'Change', what, trailers: [] });
/** HEAD, refs, index and the content of files, without times: runners restore files with new times. */
async function stateOf(here: Place): Promise<Record<string, string>> {
  const { work: _times, ...git } = await here.state();
  return {
    ...git,
    ...Object.fromEntries(
      fs
        .readdirSync(here.top)
        .filter((name) => /\.(?:txt|cjs)$/u.test(name))
        .map((name) => [name, here.read(name)]),
    ),
  };
}

const show = (here: Place, file: string): Promise<string> => here.git('show', `HEAD:${file}`);

describe.each(Object.entries(runners).filter(([name]) => name !== 'pre-commit' || hasPreCommit))(
  '%s, the real one, as the hook of a commit',
  (name, make) => {
    test('finds fault: its reason is told, and everything is as before', async () => {
      const here = await withRunner(make, LINTER);
      here.write('a.txt', 'wrong\ntwo\nthree\n');
      here.write('b.txt', 'mine\ntwo\nthree\n');
      const before = await stateOf(here);
      await expect(commit(here, ['a.txt'])).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: expect.stringContaining('wrong is not allowed') as string,
      });
      expect(await stateOf(here)).toEqual(before);
    });

    inDepth('cannot find its program: that is told', async () => {
      const here = await withRunner((place) => {
        make(place, 'no-such-program');
      }, LINTER);
      here.write('a.txt', 'x\n');
      const before = await stateOf(here);
      await expect(commit(here, ['a.txt'])).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: expect.stringMatching(/no-such-program/u) as string,
      });
      expect(await stateOf(here)).toEqual(before);
    });

    (name === 'pre-commit' ? inDepth : test).each(
      some<readonly [string, readonly string[] | 'staged' | 'all']>([
        ['chosen', ['a.txt']],
        ['staged', 'staged'],
        ['all', 'all'],
      ]),
    )('reformats what is committed (%s): nothing of the person is lost, staged or not', async (_, what) => {
      const here = await withRunner(make, FORMATTER);
      here.write('b.txt', 'staged\ntwo\nthree\n');
      await here.git('add', 'b.txt');
      here.write('b.txt', 'staged\ntwo\nthree\nand not staged\n');
      here.write('a.txt', 'bad\ntwo\nthree\n');
      if (what === 'staged') await here.git('add', 'a.txt');
      here.write('new', 'untracked\n');
      const ran = await commit(here, what).then(
        (done) => done,
        (error: { readonly code?: string; readonly message: string }) => error,
      );
      if (name === 'pre-commit') {
        // By default, this one refuses a commit if it has changed files.
        expect(ran).toMatchObject({
          code: 'HOOK_FAILED',
          message: expect.stringContaining('files were modified by this hook') as string,
        });
        expect(await show(here, 'a.txt')).toContain('one');
      } else {
        expect(ran).toMatchObject({ changedByHooks: ['a.txt'] });
        expect(await show(here, 'a.txt')).toBe('good\ntwo\nthree');
        expect(await show(here, 'b.txt')).toContain(
          what === 'staged' ? 'staged' : what === 'all' ? 'and not staged' : 'one',
        );
      }
      expect(here.read('b.txt')).toBe('staged\ntwo\nthree\nand not staged\n');
      expect(here.read('a.txt')).toMatch(/^(?:good|bad)\ntwo\nthree\n$/u);
      expect(here.read('new')).toBe('untracked\n');
      if (what !== 'all' && !(name === 'lint-staged' && what === 'staged'))
        expect(await here.git('show', ':b.txt')).toBe('staged\ntwo\nthree');
    });
  },
);
