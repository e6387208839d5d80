import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { some } from '../../../support/deep';
import { git } from '../../../support/git';
import { contentOf, type Den, den, RUN } from './support';

vi.setConfig({ testTimeout: 120_000 });

const OTHER = '20260106-120000-other';

/** Things that may exist below `.weld` and must not stop any guest; each is there before and after. */
const STRANGE: Readonly<Record<string, (here: Den) => void>> = {
  'a nested repository': (here) => {
    const nested = here.at('.weld/runs', OTHER, 'clone');
    execFileSync('git', ['init', '-q', nested]);
    fs.writeFileSync(path.join(nested, 'file'), 'x');
    execFileSync('git', ['-C', nested, 'add', '.']);
  },
  'an empty nested repository': (here) => {
    execFileSync('git', ['init', '-q', here.at('.weld/runs', RUN, 'empty')]);
  },
  'a FIFO, as .gitignore too': (here) => {
    execFileSync('mkfifo', [here.at('.weld/runs', RUN, 'fifo'), here.at('.weld/.gitignore')]);
  },
  'links, to a folder above and to nothing': (here) => {
    fs.symlinkSync('..', here.at('.weld/runs/up'));
    fs.symlinkSync('/nowhere', here.at('.weld/runs', RUN, 'nothing'));
  },
  'a sparse file of 6 GB': (here) => {
    fs.writeFileSync(here.at('.weld/runs', RUN, 'huge'), '');
    fs.truncateSync(here.at('.weld/runs', RUN, 'huge'), 6e9);
  },
  "a person's own files beside runs": (here) => {
    here.put('.weld/notes.md', 'mine');
    here.put('.weld/prompts/own.md', 'mine');
    here.put('.weld/recordings/r.json', '{}');
  },
  'names of any bytes': (here) => {
    fs.writeFileSync(
      Buffer.concat([Buffer.from(here.at('.weld/runs', RUN)), Buffer.from('/\xff\n"%zz', 'latin1')]),
      'x',
    );
    here.put(`.weld/runs/${RUN}/a name, 100%.md`, 'x');
  },
};

describe('a guest that is not shut in', () => {
  test.each(some(Object.entries(STRANGE)))(
    'works beside %s, and all of it is back after rm -rf',
    async (name, make) => {
      const here = await den();
      here.put(`.weld/runs/${OTHER}/meta.json`, '{}');
      make(here);
      const before = contentOf(here.at('.weld'));
      const told = await here.guest('rm -rf .weld/runs .weld/notes.md .weld/prompts .weld/recordings', {
        mode: 'notice',
      });
      expect(told.report, JSON.stringify(told)).toMatchObject({
        mode: 'noticed',
        violations: [expect.stringContaining('they were put back')],
      });
      const lost = ['fifo', 'huge'].map((file) => `runs/${RUN}/${file}`);
      expect(contentOf(here.at('.weld'))).toEqual(
        Object.fromEntries(Object.entries(before).filter(([file]) => !lost.includes(file))),
      );
      expect(await git(here.top, 'for-each-ref', 'refs/worktree/')).toBe('');
      const warned = JSON.stringify(told.report?.warnings);
      if (name.includes('FIFO')) expect(warned).toContain('it is no file');
      if (name.includes('6 GB')) expect(warned).toContain('it is over 10 MB');
    },
  );

  test('one unreadable file or folder of another run stops no guest, as an ordinary user', async () => {
    if (process.getuid?.() !== 0) return;
    const here = await den(65534);
    here.put(`.weld/runs/${OTHER}/secret`, 'x');
    here.put(`.weld/runs/${OTHER}/closed/file`, 'x');
    fs.chmodSync(here.at('.weld/runs', OTHER, 'secret'), 0);
    fs.chmodSync(here.at('.weld/runs', OTHER, 'closed'), 0);
    const told = await here.guest('echo done', { mode: 'notice' });
    expect(told).toMatchObject({
      stdout: 'done\n',
      report: {
        violations: [],
        warnings: [expect.stringMatching(/secret \(permission denied\)|closed \(permission denied\)/u)],
      },
    });
  });

  test('cleans the tree: all is put back and named, and the lock is held on', async () => {
    const here = await den();
    here.put(`.weld/runs/${OTHER}/meta.json`, '{}');
    const before = contentOf(here.at('.weld'));
    const told = await here.guest('git clean -fdxq', { mode: 'notice' });
    expect(told.report, JSON.stringify(told)).toMatchObject({
      mode: 'noticed',
      violations: [],
      warnings: [expect.stringMatching(/as a clean-up does \(.* and \d+ more\); it was put back\.$/u)],
    });
    expect(contentOf(here.at('.weld'))).toEqual(before);
  });

  test('removes the lock alone: it is held on, and that is named', async () => {
    const here = await den();
    expect((await here.guest('rm -rf .weld/lock .weld/active.lock', { mode: 'notice' })).report).toMatchObject({
      violations: [],
      warnings: [expect.stringContaining('the run lock was removed')],
    });
  });

  test('a nested repository is whole when it is back', async () => {
    const here = await den();
    STRANGE['a nested repository']?.(here);
    await here.guest('rm -rf .weld/runs', { mode: 'notice' });
    expect(await git(here.at('.weld/runs', OTHER, 'clone'), 'status', '--porcelain')).toBe('A  file');
  });

  test('moves the ref of another run, beside names that are patterns to git: it is put back', async () => {
    const here = await den();
    here.put(`.weld/runs/${OTHER}/meta.json`, '{}');
    const kept = await git(here.top, 'rev-parse', 'HEAD^{tree}');
    for (const run of [RUN, OTHER]) await git(here.top, 'update-ref', `refs/weld/${run}/01-a/base`, kept);
    const told = await here.guest(
      `mkdir -p '.git/refs/weld/*' '.git/refs/weld/[x' '.git/refs/weld/-all' && git rev-parse HEAD > ` +
        `'.git/refs/weld/*/a' && git update-ref ` +
        `refs/weld/${OTHER}/01-a/base ` +
        'HEAD && rm -rf ' +
        `.git/refs/weld/${RUN}`,
      { mode: 'notice' },
    );
    expect(told.report?.violations.join(), JSON.stringify(told)).toMatch(/changed what Weld keeps in git/u);
    for (const run of [RUN, OTHER]) expect(await git(here.top, 'rev-parse', `refs/weld/${run}/01-a/base`)).toBe(kept);
  });

  test('stashes, as agents do, and nothing is undone', async () => {
    const here = await den();
    here.put('README.md', '# Changed\n');
    const told = await here.guest('echo a > a && git stash -q -u && git stash pop -q && git stash -q -u', {
      mode: 'notice',
    });
    expect(told, JSON.stringify(told)).toMatchObject({
      ended: { exitCode: 0 },
      report: { mode: 'noticed', violations: [], warnings: [] },
    });
    expect(await git(here.top, 'stash', 'list')).toContain('stash@{0}');
  });

  test(
    'that has git show or overlook something else is named for each: replace refs, grafts, index flags, ' +
      'hooks elsewhere',
    async () => {
      const here = await den();
      fs.mkdirSync(path.join(here.home, 'hooks'));
      await git(here.top, 'config', 'core.hooksPath', path.join(here.home, 'hooks'));
      for (const name of ['a', 'b']) here.put(name, name);
      await git(here.top, 'add', 'a', 'b');
      await git(here.top, 'commit', '-qm', 'two');
      const told = await here.guest(
        [
          'git replace "$(git rev-parse HEAD:a)" "$(git rev-parse HEAD:b)"',
          'git rev-parse HEAD > .git/info/grafts',
          'git update-index --assume-unchanged a',
          'git update-index --skip-worktree b',
          'echo "exit 0" > ../hooks/pre-commit',
        ].join(' && '),
        { mode: 'notice' },
      );
      expect(told.ended, JSON.stringify(told)).toMatchObject({ exitCode: 0 });
      const said = told.report?.violations ?? [];
      expect(said).toHaveLength(4);
      for (const words of [
        /changed hooks meanwhile \(.*hooks\/pre-commit\)/u,
        /other objects .*git replace/u,
        /overlook changes of a, b;/u,
        /changed \.git\/info\/grafts meanwhile/u,
      ])
        expect(said).toContainEqual(expect.stringMatching(words));
    },
  );

  test(
    "may leave an empty file where git reads settings, as an agent's own sandbox does; one with a word " +
      'in it is named',
    async () => {
      const here = await den();
      const empty = ': > .git/config.worktree && : > .git/objects/info/alternates';
      expect((await here.guest(empty, { mode: 'notice' })).report).toMatchObject({ violations: [], warnings: [] });
      const told = await here.guest('echo "[core]" > .git/config.worktree && : > .git/config', { mode: 'notice' });
      expect(told.report?.violations.join()).toMatch(/config.*config\.worktree/u);
    },
  );

  test.each([
    ['weakens the plan', `echo weaker >> .weld/runs/${RUN}/plan/plan.raw.md`, 'plan.raw.md'],
    [
      'starts a run, as another window may',
      `mkdir -p .weld/runs/${OTHER} && echo '{}' > .weld/runs/${OTHER}/meta.json`,
      'meta.json',
    ],
  ])('is only named when it %s: a person may do the same', async (_, command, name) => {
    const here = await den();
    expect((await here.guest(command, { mode: 'notice' })).report).toMatchObject({
      violations: [],
      warnings: [expect.stringContaining(name)],
    });
  });

  test.each([
    ['edits .weld/.gitignore', 'echo "!runs" >> .weld/.gitignore', '.gitignore'],
    [
      'writes a pass',
      `mkdir -p .weld/runs/${RUN}/steps/01-a/iter/02 && echo {} > .weld/runs/${RUN}/steps/01-a/iter/02/status.json`,
      'status.json',
    ],
  ])('is put back when it %s', async (_, command, name) => {
    const here = await den();
    here.put('.weld/.gitignore', '*\n');
    const before = contentOf(here.at('.weld'));
    expect((await here.guest(command, { mode: 'notice' })).report?.violations).toEqual([expect.stringContaining(name)]);
    const now = contentOf(here.at('.weld'));
    expect(Object.fromEntries(Object.entries(now).filter(([, what]) => what !== 'folder'))).toEqual(
      Object.fromEntries(Object.entries(before).filter(([, what]) => what !== 'folder')),
    );
  });
});
