import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../../../src/core/steps/conditions/finding';
import { type ProtectedInput, protectedFindings } from '../../../../../src/core/steps/conditions/protected';
import { change, created, deleted, unread } from './changes';

const PACKAGE = {
  name: 'x',
  version: '1.0.0',
  scripts: {
    test: 'npm run unit && node scripts/e2e.mjs',
    unit: 'vitest run',
    pretest: 'tsc --noEmit',
    start: 'node .',
  },
  dependencies: { a: '1' },
};
const pkg = (changes: object): FileChange =>
  change('package.json', JSON.stringify(PACKAGE), JSON.stringify({ ...PACKAGE, ...changes }));
const scripts = (changes: object): FileChange => pkg({ scripts: { ...PACKAGE.scripts, ...changes } });

function found(
  changes: readonly FileChange[],
  more: { readonly commands?: string[]; readonly patterns?: string[]; readonly files?: Record<string, string> } = {},
): string[] {
  const files: Record<string, string> = { 'package.json': JSON.stringify(PACKAGE), ...more.files };
  const input: ProtectedInput = {
    commands: (more.commands ?? ['npm test']).map((command) => command.split(' ')),
    patterns: more.patterns ?? [],
    baseText: (path) => files[path] ?? null,
  };
  return protectedFindings(changes, input).map(({ path, what }) => `${path} ${what}`);
}

describe('protected files', () => {
  it.each([
    '.github/workflows/ci.yml',
    '.github/actions/build/action.yml',
    '.gitlab-ci.yml',
    'Jenkinsfile',
    'azure-pipelines.yml',
    '.circleci/config.yml',
    '.travis.yml',
    'bitbucket-pipelines.yml',
    '.drone.yml',
    '.woodpecker/test.yaml',
    '.forgejo/workflows/ci.yaml',
    '.husky/pre-commit',
    '.githooks/pre-push',
    'lefthook.yml',
    '.lefthook.toml',
    '.pre-commit-config.yaml',
    '.lintstagedrc.json',
    '.gitattributes',
    'docs/.gitattributes',
    '.GITHUB/Workflows/ci.yml',
  ])('%s is one in every repository', (path) => {
    expect(found([unread(path)])).toEqual([expect.stringContaining(path)]);
    expect(found([created(path)], { commands: [] })).toEqual([expect.stringContaining('is new')]);
    expect(found([deleted(path)], { commands: [] })).toEqual([expect.stringContaining('was deleted')]);
  });

  it.each<[string, FileChange, string[], RegExp]>([
    ['a script that a check runs', scripts({ test: 'true' }), ['npm test'], /the script "test"/],
    [
      'a script that such a script runs',
      scripts({ unit: 'vitest run --passWithNoTests' }),
      ['npm test'],
      /the script "unit"/,
    ],
    ['a script that runs before it', scripts({ pretest: 'true' }), ['npm test'], /the script "pretest"/],
    ['a new script that runs before it', scripts({ preunit: 'rm -r test' }), ['npm test'], /the script "preunit"/],
    ['a script by another manager', scripts({ unit: 'true' }), ['yarn unit'], /the script "unit"/],
    ['a script that is gone', pkg({ scripts: {} }), ['npm run unit'], /the script "unit"/],
    [
      'a package.json that is none any more',
      change('package.json', JSON.stringify(PACKAGE), '{'),
      ['npm test'],
      /no longer JSON/,
    ],
    [
      'a package.json that is gone',
      change('package.json', JSON.stringify(PACKAGE), null),
      ['npm test'],
      /was deleted \(the script "test"/,
    ],
    ['a hook in package.json', pkg({ husky: { hooks: { 'pre-commit': 'true' } } }), [], /"husky"/],
    ['a runner in package.json', pkg({ jest: { testPathIgnorePatterns: ['.*'] } }), ['npm test'], /"jest"/],
    ['a script file that a script of package.json names', unread('scripts/e2e.mjs'), ['npm test'], /a check names it/],
    ['a file that a check names', unread('check.mjs'), ['node check.mjs'], /a check names it/],
    [
      'a file that a check names, with a dot',
      unread('tools/check.sh'),
      ['sh ./tools/check.sh --all'],
      /a check names it/,
    ],
    ['a file without an ending that a check names', unread('bin/check'), ['bin/check'], /a check names it/],
    [
      'a file that a check has as a setting',
      unread('config/lint.json'),
      ['eslint --config=config/lint.json .'],
      /a check names it/,
    ],
    ["a runner's settings", unread('vitest.config.ts'), ['npm test'], /a check reads it/],
    ["a runner's settings that are new", created('jest.config.js'), ['npx jest'], /is new \(a check reads it\)/],
    ["a linter's settings", unread('eslint.config.mjs'), ['npx eslint .'], /a check reads it/],
    ["a compiler's settings", unread('tsconfig.json'), ['npm test'], /a check reads it/],
    ['the Makefile', unread('Makefile'), ['make test'], /a check reads it/],
    [
      "pytest's section",
      change(
        'pyproject.toml',
        '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
        '[tool.pytest.ini_options]\ntestpaths = []\n',
      ),
      ['pytest'],
      /\[tool\.pytest\.ini_options\]/,
    ],
    ['tox', unread('tox.ini'), ['tox -e py'], /a check reads it/],
    ["npm's own settings", created('.npmrc', 'script-shell=/bin/true\n'), ['npm test'], /a check reads it/],
    ["cargo's settings", created('.cargo/config.toml'), ['cargo test'], /a check reads it/],
  ])('%s', (_name, one, commands, what) => {
    expect(found([one], { commands })).toEqual([expect.stringMatching(what)]);
  });

  it('follows what a script names', () => {
    const files = { 'tools/check.sh': '#!/bin/sh\nnpx eslint .\n', Makefile: 'test:\n\tpytest -q\n' };
    expect(found([unread('eslint.config.mjs')], { commands: ['sh tools/check.sh'], files })).toHaveLength(1);
    expect(found([unread('pytest.ini')], { commands: ['make test'], files })).toHaveLength(1);
  });

  it.each([
    ['deploy/**', 'deploy/prod/values.yaml', true],
    ['deploy/', 'deploy/a', true],
    ['*.pem', 'keys/a.pem', true],
    ['/src/auth.ts', 'src/auth.ts', true],
    ['src/auth.ts', 'lib/src/auth.ts', false],
    ['deploy/**', 'src/deploy/a', false],
    ['!src/**', 'src/a.ts', false],
    ['#a', 'a', false],
    ['', 'a', false],
  ])('the person protects %s: %s %s', (pattern, path, is) => {
    expect(found([unread(path)], { patterns: [pattern] })).toEqual(
      is ? [`${path} was changed (protected by "${pattern}")`] : [],
    );
  });

  it('asks again when the same file changes once more', () => {
    const keys = ['true', 'exit 0'].map(
      (test) =>
        protectedFindings([scripts({ test })], {
          commands: [['npm', 'test']],
          patterns: [],
          baseText: () => JSON.stringify(PACKAGE),
        })[0]?.key,
    );
    expect(new Set(keys).size).toBe(2);
  });
});

describe('files are not protected where', () => {
  it.each<[string, FileChange, string[]]>([
    ['they are code', unread('src/a.ts'), ['npm test']],
    ['dependencies change', pkg({ dependencies: { a: '2', b: '1' }, version: '1.1.0' }), ['npm test']],
    ['another script changes', scripts({ start: 'node dist', build: 'esbuild' }), ['npm test']],
    [
      'the keys of package.json change their order',
      change(
        'package.json',
        JSON.stringify(PACKAGE),
        JSON.stringify(
          {
            dependencies: PACKAGE.dependencies,
            scripts: Object.fromEntries(Object.entries(PACKAGE.scripts).reverse()),
          },
          null,
          2,
        ),
      ),
      ['npm test'],
    ],
    [
      'scripts of a package below change, which no check runs',
      change('packages/a/package.json', '{"scripts":{"test":"a"}}', '{"scripts":{"test":"b"}}'),
      ['npm test'],
    ],
    ['no check runs the linter', unread('eslint.config.mjs'), ['cargo test']],
    ['no check runs the compiler', unread('tsconfig.json'), ['pytest']],
    ['no check runs make', unread('Makefile'), ['npm test']],
    [
      'the project is described',
      change(
        'pyproject.toml',
        '[project]\nname = "a"\n[tool.pytest.ini_options]\nx = 1\n',
        '[project]\nname = "b"\ndependencies = ["c"]\n\n[tool.pytest.ini_options]\n# why\nx = 1\n',
      ),
      ['pytest'],
    ],
    ['a runner is told a test', unread('src/parse.test.ts'), ['npx vitest run src/parse.test.ts']],
    ['node is told a test', unread('test/add.test.mjs'), ['node --test test/add.test.mjs']],
    ['a file of that name stands elsewhere', unread('examples/check.mjs'), ['node check.mjs']],
    ['what git ignores changes', unread('.gitignore'), ['npm test']],
    ['fixtures of pytest change', unread('tests/conftest.py'), ['pytest']],
    ['a template of GitHub changes', unread('.github/PULL_REQUEST_TEMPLATE.md'), ['npm test']],
    ['a document speaks of CI', unread('docs/.github-workflows.md'), ['npm test']],
    ['a lock file changes', unread('package-lock.json'), ['npm test']],
  ])('%s', (_name, one, commands) => {
    expect(found([one], { commands })).toEqual([]);
  });

  it('never throws, whatever commands, patterns and files', () => {
    const text = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 3 }),
        fc.array(text, { maxLength: 3 }),
        text,
        fc.option(text),
        (commands, patterns, path, after) => {
          found(
            [
              change(path, '{"scripts": 3}', after),
              change('package.json', '[', after),
              change('pyproject.toml', '[', after),
            ],
            { commands, patterns, files: { 'package.json': path } },
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('ends with scripts that run each other', () => {
    const files = {
      'package.json': JSON.stringify({ scripts: { a: 'npm run b', b: 'npm run a && npm run c*', c1: 'npm run a' } }),
    };
    expect(found([unread('src/a.ts')], { commands: ['npm run a'], files })).toEqual([]);
  });
});
