import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PassedTrees } from '../../../../src/core/git/git';
import { GitRunner } from '../../../../src/core/git/runGit';
import { binaryFiles, patchByFile } from '../../../../src/core/git/texts';
import { reviewPrompt } from '../../../../src/core/steps/prompts/reviewPrompt';
import { some } from '../../../support/deep';
import { git } from '../../../support/git';
import { temporaryFolder } from '../process/support';
import { at, type Place, programs, withCommit } from './support';

const EVIL = 'steal();\n';

/** The work of a step: evil code in an existing and in a new file. */
async function withEvil(here: Place): Promise<PassedTrees> {
  const base = (await here.repository.captureTree(here.lock)).tree;
  here.write('a.txt', EVIL);
  here.write('new.js', EVIL);
  return { base, tree: (await here.repository.captureTree(here.lock)).tree };
}

async function shown(here: Place, { base, tree }: PassedTrees): Promise<string> {
  return Buffer.from(await here.repository.diff(base, tree)).toString();
}

describe('what git takes for binary', () => {
  test('is named by the patch itself, whatever its name, and no content passes for it', async () => {
    const here = await withCommit();
    const base = (await here.repository.captureTree(here.lock)).tree;
    const names = ['zero.js', 'a b/ö.js', 'quo"te\t.js', 'a.txt'];
    for (const name of names) here.write(name, `// \0\n${EVIL}`);
    here.write(
      'spoof.md',
      'x\rdiff --git a/y b/y\ndiff --git a/spoof b/spoof\nGIT binary patch\nliteral 0\n\nGIT binary patch\n',
    );
    const { tree } = await here.repository.captureTree(here.lock);
    const patch = await shown(here, { base, tree });
    expect(patch).not.toContain(EVIL);
    expect(binaryFiles(patch).sort()).toEqual(['a b/ö.js', 'a.txt', 'quo\\"te\\t.js', 'zero.js']);
    expect(binaryFiles('')).toEqual([]);
    expect([...patchByFile(patch).keys()].sort()).toEqual([
      'a b/ö.js',
      'a.txt',
      'quo\\"te\\t.js',
      'spoof.md',
      'zero.js',
    ]);
    expect(patchByFile('').size).toBe(0);
  });

  test('stands in the prompt of a review', () => {
    const prompt = reviewPrompt({
      record: { n: 1, title: 'A', slug: 'a', body_md: '', acceptance_criteria: [], tests: [] },
      diff: 'diff --git a/x.js b/x.js\nnew file mode 100644\nindex 0..1\nGIT binary patch\nliteral 1\n',
      diffPath: 'd',
      checks: null,
      earlier: [],
    });
    expect(prompt).toMatch(/## Not shown as text[^]*\n```\nx\.js\n```\n\n## The patch/u);
  });
});

describe('no other object is read in the place of one', () => {
  test('a replaced blob: patch and file show what is committed', async () => {
    const here = await withCommit();
    const trees = await withEvil(here);
    const evil = await here.git('rev-parse', `${trees.tree}:new.js`);
    fs.writeFileSync(path.join(here.top, '..', path.basename(here.top) + '.good'), 'good();\n');
    const good = await here.git(
      'hash-object',
      '-w',
      '--',
      path.join(here.top, '..', path.basename(here.top) + '.good'),
    );
    await here.git('replace', evil, good);
    expect(await shown(here, trees)).toContain(`+${EVIL}`);
    expect(Buffer.from((await here.repository.readFile(trees.tree, 'new.js')) ?? []).toString()).toBe(EVIL);
  });

  test('a replaced tree, and a ref of it that was written as a file', async () => {
    const here = await withCommit();
    const trees = await withEvil(here);
    const refs = path.join(here.top, '.git/refs/replace');
    fs.mkdirSync(refs, { recursive: true });
    fs.writeFileSync(path.join(refs, trees.tree), `${trees.base}\n`);
    expect(await shown(here, trees)).toContain(`+${EVIL}`);
    expect((await here.repository.changedFiles(trees.base, trees.tree)).map((file) => file.path)).toEqual([
      'a.txt',
      'new.js',
    ]);
    expect((await here.repository.captureTree(here.lock)).tree).toBe(trees.tree);
  });

  test('a commit stands for its own tree and parents, whatever a replace or a graft says', async () => {
    const here = await withCommit();
    const first = await here.git('rev-parse', 'HEAD');
    const tree = await here.repository.headTree();
    here.write('a.txt', EVIL);
    await here.git('commit', '-q', '-a', '-m', 'second');
    const second = await here.git('rev-parse', 'HEAD');
    await here.git('replace', first, second);
    await here.git('-c', 'core.useReplaceRefs=false', 'reset', '-q', '--hard', first);
    expect(await here.repository.headTree()).toBe(tree);
    here.write('.git/info/grafts', `${second}\n`);
    expect(await new GitRunner(here.top, programs).text(['rev-list', second])).toBe(`${second}\n${first}`);
  });

  test('a shallow clone stays as shallow as it is', async () => {
    const whole = await withCommit();
    await whole.git('commit', '-q', '--allow-empty', '-m', 'second');
    const top = path.join(temporaryFolder(), 'shallow');
    await git(whole.top, 'clone', '-q', '--depth=1', `file://${whole.top}`, top);
    const here = await at(top);
    const trees = await withEvil(here);
    expect(await shown(here, trees)).toContain(`+${EVIL}`);
    here.write('a.txt', 'more\n');
    const { sha } = await here.repository.commit(here.lock, { message: 'third', what: 'all', trailers: [] });
    expect((await here.git('rev-list', sha)).split('\n')).toHaveLength(2);
  });
});

describe('text is shown as text', () => {
  const RULES = ['* -diff\n', '* binary\n', '* diff=none\n', '[attr]dull -diff -text\n* dull\n'];
  const PLACES: readonly (readonly [string, (here: Place, rules: string) => Promise<void>])[] = [
    [
      'in a .gitattributes',
      (here, rules) => {
        here.write('.gitattributes', rules);
        return Promise.resolve();
      },
    ],
    [
      'in a .gitattributes that git ignores',
      (here, rules) => {
        here.write('.git/info/exclude', '.gitattributes\n');
        here.write('.gitattributes', rules);
        return Promise.resolve();
      },
    ],
    [
      'in info/attributes',
      (here, rules) => {
        here.write('.git/info/attributes', rules);
        return Promise.resolve();
      },
    ],
    [
      'in a file of its own',
      async (here, rules) => {
        const file = path.join(temporaryFolder(), 'attributes');
        fs.writeFileSync(file, rules);
        await here.git('config', 'core.attributesFile', file);
      },
    ],
  ];
  const cases = PLACES.flatMap(([name, plant]) => RULES.map((rules) => [rules, name, plant] as const));

  test.each(some(cases))('%j %s', async (rules, _, plant) => {
    const here = await withCommit();
    await here.git('config', 'diff.none.binary', 'true');
    await here.git('config', 'diff.none.textconv', 'true');
    await here.git('config', 'diff.none.command', 'true');
    await plant(here, rules);
    const trees = await withEvil(here);
    const patch = await shown(here, trees);
    expect(patch.match(/^\+steal/gm)).toHaveLength(2);
    expect(patch).not.toContain('GIT binary patch');
  });

  test('however small the size from which git takes files for binary', async () => {
    const here = await withCommit();
    await here.git('config', 'core.bigFileThreshold', '1');
    expect(await shown(here, await withEvil(here))).toContain(`+${EVIL}`);
  });

  test.each(['sha1', 'sha256'])(
    'what is binary by its content is a binary patch that git applies (%s)',
    async (format) => {
      const here = await withCommit(`--object-format=${format}`);
      const base = (await here.repository.captureTree(here.lock)).tree;
      here.write('picture', Buffer.from([1, 0, 2, 255]));
      const { tree } = await here.repository.captureTree(here.lock);
      const patch = await here.repository.diff(base, tree);
      expect(Buffer.from(patch).toString()).toContain('GIT binary patch');
      fs.rmSync(path.join(here.top, 'picture'));
      const file = path.join(temporaryFolder(), 'patch');
      fs.writeFileSync(file, patch);
      await here.git('apply', file);
      expect([...fs.readFileSync(path.join(here.top, 'picture'))]).toEqual([1, 0, 2, 255]);
    },
  );

  test('in a clone that has only a part of its objects', async () => {
    const whole = await withCommit();
    await whole.git('config', 'uploadpack.allowFilter', 'true');
    await whole.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const top = path.join(temporaryFolder(), 'part');
    await git(whole.top, 'clone', '-q', '--filter=blob:none', '--no-checkout', `file://${whole.top}`, top);
    const here = await at(top);
    const base = await here.repository.headTree();
    await here.git('read-tree', 'HEAD');
    here.write('a.txt', EVIL);
    const { tree } = await here.repository.captureTree(here.lock);
    expect(await shown(here, { base, tree })).toContain(`+${EVIL}`);
  });
});
