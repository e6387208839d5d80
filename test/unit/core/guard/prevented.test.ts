import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { runGuarded } from '../../../../src/core/guard';
import { acquireRunLock } from '../../../../src/core/lock';
import { openProject } from '../../../../src/core/openProject';
import { silentLogger } from '../../../../src/core/util/logger';
import { inDepth, some } from '../../../support/deep';
import { git } from '../../../support/git';
import { running } from '../../../support/processes';
import { until } from '../../../support/run';
import { bundledSupervisor } from '../process/support';
import { contentOf, type Den, den, hasBubblewrap, RUN } from './support';

vi.setConfig({ testTimeout: 120_000 });

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const users: [string, number | undefined][] = isRoot
  ? [
      ['root', undefined],
      ['an ordinary user', NOBODY],
    ]
  : [['an ordinary user', undefined]];

/** What guests try, each with a description; none of it may work. */
const ATTEMPTS: Readonly<Record<string, (here: Den) => string>> = {
  'removes all runs': () => 'rm -rf .weld/runs',
  'cleans the tree': () => 'git clean -fdxq',
  'writes a pass of its own': () =>
    `mkdir -p .weld/runs/${RUN}/steps/01-a/iter/02 && echo {} > .weld/runs/${RUN}/steps/01-a/iter/02/status.json`,
  'empties config.toml': () => ': > .weld/config.toml',
  'mounts it writable': () => 'mount -o remount,bind,rw .weld; umount .weld; umount -l .weld; rm -rf .weld/runs',
  'does so in a name space of its own': () =>
    `unshare -Urm sh -c 'mount -o remount,bind,rw .weld; umount -l .weld; rm -rf .weld/runs'`,
  'puts a copy of the repository in its place': ({ top }) =>
    `cd .. && mv ${top} ${top}.old && cp -r ${top}.old ${top}; rm -rf ${top}/.weld/runs`,
  'puts a copy of the git folder in its place': () => 'mv .git .git.old && cp -r .git.old .git',
  'puts a copy of a folder above in its place': ({ home }) => `mv ${home} ${home}.old && cp -r ${home}.old ${home}`,
  'writes seals': ({ storage }) => `echo forged > ${storage}/seal.json`,
  'puts another folder in the place of the seals': ({ storage }) => `mv ${storage} ${storage}.old && mkdir ${storage}`,
  'plants a hook': () => `printf '#!/bin/sh\\n' > .git/hooks/pre-commit`,
  'writes excludes and attributes': () => 'echo src > .git/info/exclude; echo "* -diff" > .git/info/attributes',
  "writes the person's git configuration": ({ home }) =>
    `git config --global core.hooksPath /tmp; echo x > ${home}/.gitconfig; mv ${home}/.gitconfig ${home}/moved`,
  "writes Weld's own index": () => 'mkdir -p .git/weld/x; echo x > .git/weld/capture',
  'reaches another mount name space by a process': () =>
    'for p in /proc/[0-9]*; do rm -rf $p/root/$PWD/.weld/runs 2>/dev/null; done',
};

describe.skipIf(!hasBubblewrap).each(users)('a guest that is shut in, as %s', (_, uid) => {
  test('gets nowhere, whatever it tries, one after the other', async () => {
    const here = await den(uid);
    const seen = (): unknown => [
      contentOf(here.at('.weld')),
      contentOf(here.storage),
      contentOf(here.at('.git', 'hooks')),
      contentOf(here.at('.git', 'info')),
      fs.readFileSync(`${here.home}/.gitconfig`, 'utf8'),
    ];
    const before = seen();
    const attempts = Object.entries(ATTEMPTS).map(
      ([name, command]) => `echo "${name}"; ( ${command(here)} ) 2>&1; cd ${here.top}`,
    );
    const told = await here.guest(attempts.join('\n'));
    expect(told.report, JSON.stringify(told)).toMatchObject({ mode: 'prevented', violations: [] });
    expect(seen(), told.stdout).toEqual(before);
    expect(fs.readdirSync(here.home).filter((name) => name.endsWith('.old') || name === 'moved')).toEqual([]);
    expect(fs.readdirSync(here.top).filter((name) => name.includes('probe') || name.endsWith('.old'))).toEqual([]);
    expect(fs.existsSync(here.at('README.md'))).toBe(true);
  });

  test('works as it would outside: writes the tree, stages, commits elsewhere, exits as it likes', async () => {
    const here = await den(uid);
    const told = await here.guest(
      'mkdir src && echo a > src/a && git add src && git stash -q && git stash pop -q && cp -r . ../copy && rm ' +
        '-rf ../copy && cat README.md && exit 7',
    );
    expect(told).toMatchObject({
      ended: { how: 'exited', exitCode: 7 },
      stdout: expect.stringContaining('# Sample') as string,
      report: { mode: 'prevented', violations: [], opted: false },
    });
    expect(fs.readFileSync(here.at('src/a'), 'utf8')).toBe('a\n');
  });

  test.each(
    some([
      [
        'in a session of its own, without its environment',
        `env -i setsid sh -c 'sleep 0.2; while :; do date >> MARK; sleep 0.1; done' &`,
      ],
      ['by a double fork', `( ( while :; do date >> MARK; sleep 0.1; done ) & ) &`],
      [
        'later, by a double fork',
        `setsid sh -c '( sleep 0.3; ( while :; do date >> MARK; sleep 0.1; done ) & ) &' >/dev/null 2>&1 &`,
      ],
    ]),
  )('leaves no program behind %s', async (_name, command) => {
    const here = await den(uid);
    const mark = here.at('mark');
    await here.guest(`${command.replaceAll('MARK', mark)} sleep 0.5`);
    expect(running(mark)).toEqual([]);
    const size = fs.existsSync(mark) ? fs.statSync(mark).size : 0;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(fs.existsSync(mark) ? fs.statSync(mark).size : 0).toBe(size);
  });

  inDepth('a sandbox works inside, as agents set up for their commands', async () => {
    const here = await den(uid);
    const told = await here.guest(
      'bwrap --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-pid --unshare-net --proc /proc ' +
        '-- echo inside',
    );
    expect(told).toMatchObject({ stdout: 'inside\n', ended: { how: 'exited', exitCode: 0 } });
  });
});

describe.skipIf(!hasBubblewrap)('what cannot be shut is noticed', () => {
  test.each([
    ['configures', 'git config core.hooksPath /tmp/x', /\.git\/config/u],
    ['commits', 'echo b > b && git add b && git commit -qm own', /HEAD moved/u],
  ])('a guest that %s', async (_name, command, words) => {
    const here = await den();
    expect((await here.guest(command)).report).toMatchObject({
      mode: 'prevented',
      violations: [expect.stringMatching(words)],
    });
  });

  test("Weld's refs are put back", async () => {
    const here = await den();
    const ref = `refs/weld/${RUN}/01-a/base`;
    await git(here.top, 'update-ref', ref, 'HEAD^{tree}');
    const before = await git(here.top, 'for-each-ref', 'refs/weld');
    expect((await here.guest(`git update-ref -d ${ref}`)).report?.violations).toHaveLength(1);
    expect(await git(here.top, 'for-each-ref', 'refs/weld')).toBe(before);
  });
});

describe.skipIf(!hasBubblewrap)('ends', () => {
  test.each([
    ['by a signal of its own', 'kill -SEGV $$', { how: 'signalled', signal: 'SIGSEGV' }],
    ['missing', 'exec /bin/sh -c "exit 127"', { how: 'exited', exitCode: 127 }],
  ])('%s', async (_name, command, ended) => {
    expect((await (await den()).guest(command)).ended).toEqual(ended);
  });

  test('one guest that opted out is not shut in, and the report says so', async () => {
    const here = await den();
    here.put('.weld/config.toml', '[guard]\ntest = "notice"\n');
    expect((await here.guest('true')).report).toMatchObject({ mode: 'noticed', opted: true });
  });

  test.each([
    ['prevented', {}],
    ['noticed', { mode: 'notice' as const }],
  ])(
    "where it is %s, another window's run start, an edited plan and a person's own edits are left alone",
    async (mode, how) => {
      const here = await den();
      const told = here.guest('touch begun; while [ ! -e go ]; do sleep 0.05; done; rm go', how);
      await until('the guest', () => fs.existsSync(here.at('begun')));
      const edits = {
        '.weld/runs/20260106-120000-other/meta.json': '{}',
        [`.weld/runs/${RUN}/plan/plan.raw.md`]: '# A thought\n',
        'README.md': '# Mine\n',
        'new.md': 'mine\n',
      };
      for (const [file, text] of Object.entries(edits)) here.put(file, text);
      here.put('go', '');
      const { report } = await told;
      expect(report).toMatchObject({ mode, violations: [] });
      expect(report?.warnings).toEqual(
        mode === 'prevented' ? [] : [expect.stringMatching(/plan\.raw\.md.*meta\.json|meta\.json.*plan\.raw\.md/u)],
      );
      for (const [file, text] of Object.entries(edits)) expect(fs.readFileSync(here.at(file), 'utf8')).toBe(text);
    },
  );

  test('in an error when a sandbox that was seen to hold fails later: it is not started without', async () => {
    const here = await den();
    const project = await openProject(here.top, {
      log: silentLogger,
      storage: here.storage,
      supervisorPath: bundledSupervisor(),
    });
    await using lock = await acquireRunLock(project.paths.root, { runId: RUN, command: 'test' });
    const guest = (command: string) =>
      runGuarded(
        { project, lock, signal: lock.signal },
        { kind: 'check', name: 'test', label: 'The check test' },
        (programs) =>
          programs.supervise({
            file: '/bin/sh',
            args: ['-c', command],
            cwd: here.top,
            timeoutMs: 60_000,
            inRepository: true,
          }),
      );
    expect((await guest('true')).report.mode).toBe('prevented');
    fs.rmSync(here.at('.git/info'), { recursive: true });
    await expect(guest('touch started')).rejects.toMatchObject({
      code: 'GUARD_UNAVAILABLE',
      message: expect.stringContaining('/bin/sh was not started') as string,
    });
    expect(fs.existsSync(here.at('started'))).toBe(false);
  });
});

test('where bubblewrap is missing its tests are skipped', () => {
  expect(hasBubblewrap || execFileSync('sh', ['-c', 'command -v bwrap || true']).length === 0).toBe(true);
});
