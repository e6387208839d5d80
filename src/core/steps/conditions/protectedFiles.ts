import { Minimatch } from 'minimatch';
import { remembered } from '../../util/remembered';

/** Files that decide what is checked in any repository: continuous integration, hooks, and git's attributes. */
export const ALWAYS: readonly string[] = [
  '.github/workflows/**',
  '.github/actions/**',
  '.gitlab-ci.yml',
  '.gitlab/ci/**',
  'Jenkinsfile',
  'Jenkinsfile.*',
  '.jenkins/**',
  'azure-pipelines*.yml',
  '.azure-pipelines/**',
  '.circleci/**',
  '.travis.yml',
  '.drone.yml',
  '.buildkite/**',
  '.woodpecker/**',
  '.woodpecker.y*ml',
  'bitbucket-pipelines.yml',
  'appveyor.yml',
  '.appveyor.yml',
  '.cirrus.yml',
  '.semaphore/**',
  '.teamcity/**',
  '.forgejo/workflows/**',
  '.gitea/workflows/**',
  'cloudbuild.y*ml',
  'buildspec.y*ml',
  '.tekton/**',
  '.husky/**',
  '.githooks/**',
  'git-hooks/**',
  '*lefthook*.{yml,yaml,toml,json}',
  '.lefthook/**',
  '.pre-commit-config.yaml',
  '.pre-commit-hooks.yaml',
  '.lintstagedrc*',
  'lint-staged.config.*',
  '.overcommit.yml',
  '.simple-git-hooks.*',
  'simple-git-hooks.*',
  'captainhook.json',
  '.captainhook.json',
  '.rusty-hook.toml',
  // A filter or `-diff` in this file changes what a reviewer sees. `.gitignore` is not listed: it changes with every
  // new tool, and the condition `ignored` reports the ignored files that a guest writes.
  '.gitattributes',
];

/** Configuration files of the checks' programs. They are protected only if a check runs the program. */
export const BY_PROGRAM: readonly (readonly [program: RegExp, files: readonly string[]])[] = [
  [/\b(?:npm|npx|yarn|pnpm|bun|bunx)\b/u, ['.npmrc', '.yarnrc*', '.pnpmfile.cjs', 'bunfig.toml']],
  [/\bvitest\b/u, ['vitest.config.*', 'vitest.workspace.*', 'vite.config.*', 'vitest.setup.*']],
  [/\bjest\b/u, ['jest.config.*', 'jest.setup.*', 'jest-preset.*']],
  [/\bmocha\b/u, ['.mocharc*', 'mocha.opts']],
  [/\bava\b/u, ['ava.config.*']],
  [/\bkarma\b/u, ['karma.conf.*']],
  [/\b(?:c8|nyc)\b/u, ['.nycrc*', '.c8rc*']],
  [/\bplaywright\b/u, ['playwright.config.*', 'playwright-ct.config.*']],
  [/\bcypress\b/u, ['cypress.config.*', 'cypress.json']],
  [/\beslint\b/u, ['eslint.config.*', '.eslintrc*', '.eslintignore']],
  [/\bbiome\b/u, ['biome.json*']],
  [/\boxlint\b/u, ['.oxlintrc*']],
  [/\bprettier\b/u, ['.prettierrc*', 'prettier.config.*', '.prettierignore']],
  [/\bstylelint\b/u, ['.stylelintrc*', 'stylelint.config.*']],
  [/\b(?:tsc|vue-tsc|tsgo)\b/u, ['tsconfig*.json']],
  [/\bknip\b/u, ['knip.*', '.knip.*']],
  [/\bturbo\b/u, ['turbo.json']],
  [/\bnx\b/u, ['nx.json', 'project.json']],
  [/\b(?:pytest|py\.test)\b/u, ['pytest.ini', '.pytest.ini']],
  [/\btox\b/u, ['tox.ini']],
  [/\bnox\b/u, ['noxfile.py']],
  [/\bruff\b/u, ['ruff.toml', '.ruff.toml']],
  [/\bflake8\b/u, ['.flake8']],
  [/\bmypy\b/u, ['mypy.ini', '.mypy.ini']],
  [/\bpyright\b/u, ['pyrightconfig.json']],
  [/\bpylint\b/u, ['.pylintrc', 'pylintrc']],
  [/\bcoverage\b/u, ['.coveragerc']],
  [
    /\bcargo\b/u,
    ['.cargo/**', 'clippy.toml', '.clippy.toml', 'rustfmt.toml', '.rustfmt.toml', 'nextest.toml', 'deny.toml'],
  ],
  [/\bgolangci-lint\b/u, ['.golangci.*']],
  [/\b(?:make|gmake)\b/u, ['Makefile', 'makefile', 'GNUmakefile', '*.mk']],
  [/\bjust\b/u, ['justfile', '.justfile']],
  [/\btask\b/u, ['Taskfile.y*ml']],
  [/\bmage\b/u, ['magefile.go']],
  [/\b(?:rake|rspec)\b/u, ['Rakefile', '.rspec']],
  [/\brubocop\b/u, ['.rubocop*']],
  [/\bphpunit\b/u, ['phpunit.xml*', 'phpunit.dist.xml']],
  [/\bphpstan\b/u, ['phpstan.*']],
  [/\bgradlew?\b/u, ['gradlew', 'gradlew.bat', 'gradle/wrapper/**']],
  [/\bmvnw?\b/u, ['mvnw', 'mvnw.cmd', '.mvn/**']],
  [/\bdotnet\b/u, ['*.runsettings', 'Directory.Build.*']],
  [/\bbazel(?:isk)?\b/u, ['.bazelrc']],
  [/\bctest\b/u, ['CTestTestfile.cmake', 'CTestConfig.cmake']],
  [/\bdeno\b/u, ['deno.json*']],
];

/** Sections of shared files that decide what a check does. The rest of such a file is not protected. */
export const SECTIONS: readonly { readonly file: RegExp; readonly program: RegExp; readonly section: RegExp }[] = [
  {
    file: /(?:^|\/)pyproject\.toml$/u,
    program: /\b(?:pytest|py\.test|ruff|mypy|coverage|pyright|pylint|tox|nox|flake8|uv|poetry|hatch)\b/u,
    section: /^(?:tool\.(?:pytest|ruff|mypy|coverage|pyright|pylint|tox|hatch\.envs|poe|pdm\.scripts|flake8))/u,
  },
  {
    file: /(?:^|\/)setup\.cfg$/u,
    program: /\b(?:pytest|py\.test|mypy|flake8|coverage|tox)\b/u,
    section: /^(?:tool:pytest|mypy|flake8|coverage|pycodestyle|testenv)/u,
  },
  { file: /(?:^|\/)\.?cargo\.toml$/iu, program: /\bcargo\b/u, section: /^(?:workspace\.)?lints/u },
];

/** Maximum length of a pattern, in UTF-16 units. A longer one matches nothing. */
const MAX_PATTERN = 500;

/** Patterns come from plans and settings, so these options disable negation and comments, and limit the work. */
const OPTIONS = {
  dot: true,
  nocase: true,
  nonegate: true,
  nocomment: true,
  noext: true,
  maxGlobstarRecursion: 20,
  optimizationLevel: 2,
} as const;

/**
 * Whether a pattern matches a file, much as in `.gitignore`: a pattern without a slash matches in every folder, and one
 * that ends with a slash matches everything below that folder.
 * @param path relative to the repository's top, with forward slashes
 */
export function covers(pattern: string, path: string): boolean {
  const clean = pattern.trim().replace(/^\.?\//u, '');
  if (clean === '' || clean.length > MAX_PATTERN) return false;
  if (clean.endsWith('/')) return covers(`${clean}**`, path);
  return compiled(clean.includes('/') ? clean : `**/${clean}`).match(path);
}

/** Compiled patterns are cached, because each one is matched against every changed file. */
const compiled = remembered((pattern) => new Minimatch(pattern, OPTIONS), 5_000);

export const isGlob = (text: string): boolean => /[*?{[]/u.test(text);
