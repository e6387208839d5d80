import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { WeldPaths } from '../../../../../src/core/artifacts/paths';
import { parseRunId, type RunId } from '../../../../../src/core/artifacts/runIds';
import { git, isolatedGit } from '../../../../support/git';
import type { Answer } from '../../../../support/recordings';

/** A repository with one run, whose plan has two steps; all calls of agents and checks are logged next to it. */
export interface FixtureRepo {
  /** Contains the repository and, outside of it, the recording and logs. */
  readonly home: string;
  readonly top: string;
  readonly run: RunId;
  readonly paths: WeldPaths;
  /** One line per agent call, such as `implementation 1`. */
  readonly calls: string;
  /** One line per check that ran. */
  readonly checked: string;
}

const PLAN = `# Plan

## Step 1: Add the numbers

### Goal
A function that adds.

### Changes
- \`src/add.mjs\`

### Acceptance criteria
- [ ] It adds two numbers
- [ ] It refuses texts

### Tests
- none

## Step 2: Second

### Acceptance criteria
- [ ] It is there
`;

export interface FixtureRepoOptions {
  /** Check commands by category; default: one that is logged and passes. */
  readonly checks?: Readonly<Record<string, string>>;
  /** Additional lines of config.toml. */
  readonly config?: string;
}

export async function createFixtureRepo(
  answers: readonly Answer[],
  options: FixtureRepoOptions = {},
): Promise<FixtureRepo> {
  Object.assign(process.env, isolatedGit());
  for (const name of Object.keys(isolatedGit()))
    if (process.env[name] === 'undefined') Reflect.deleteProperty(process.env, name);
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ws-')));
  const top = path.join(home, 'repository');
  const run = parseRunId('20260105-120000-sample');
  const paths = new WeldPaths(top);
  const fixtureRepo: FixtureRepo = {
    home,
    top,
    run,
    paths,
    calls: path.join(home, 'calls.log'),
    checked: path.join(home, 'checked.log'),
  };
  const put = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  };
  put(path.join(top, 'README.md'), '# Sample\n');
  put(
    path.join(home, 'check.mjs'),
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(fixtureRepo.checked)}, ` +
      `process.argv[2] + '\\n');\n`,
  );
  await git(home, 'init', '-q', top);
  await git(top, 'add', '.');
  await git(top, 'commit', '-qm', 'begin');
  record(fixtureRepo, answers);
  put(fixtureRepo.calls, '');
  put(fixtureRepo.checked, '');
  const checks = options.checks ?? { test: logged(fixtureRepo, 'test') };
  put(paths.gitignore, '*\n');
  put(
    paths.config,
    [
      '[replay]',
      `recording = ${JSON.stringify(path.join(home, 'recording.json'))}`,
      '[checks]',
      ...Object.entries(checks).map(([name, command]) => `${name} = ${JSON.stringify(command)}`),
      options.config ?? '',
      '',
    ].join('\n'),
  );
  put(paths.run(run).planRaw, PLAN);
  put(
    paths.run(run).meta,
    JSON.stringify({
      run_id: run,
      created_at: '2026-01-05T12:00:00.000Z',
      updated_at: '2026-01-05T12:00:00.000Z',
      repo_root: top,
      branch: 'main',
      head_sha: await git(top, 'rev-parse', 'HEAD'),
      config_hash: '',
    }),
  );
  return fixtureRepo;
}

/** A check command that logs a line. */
export function logged(fixtureRepo: Pick<FixtureRepo, 'home'>, name: string): string {
  return `${process.execPath} ${path.join(fixtureRepo.home, 'check.mjs')} ${name}`;
}

export function record(fixtureRepo: Pick<FixtureRepo, 'home'>, answers: readonly Answer[]): void {
  fs.writeFileSync(path.join(fixtureRepo.home, 'recording.json'), JSON.stringify({ version: 1, answers }));
}

export function lines(file: string): string[] {
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

export function removeFixtureRepo(fixtureRepo: FixtureRepo): void {
  fs.rmSync(fixtureRepo.home, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * The bytes of all files below `.weld`, without the lock, the workers' records and git's private index.
 * @param withMeta includes `meta.json`, which records each successful command
 */
export function stateOf(fixtureRepo: FixtureRepo, withMeta = false): Record<string, string> {
  const skipped = withMeta
    ? /^(active\.lock|lock[/\\]|workers[/\\]|cache[/\\])/u
    : /(^|[/\\])meta\.json$|^(active\.lock|lock[/\\]|workers[/\\]|cache[/\\])/u;
  const entries = fs
    .readdirSync(fixtureRepo.paths.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  const files = entries
    .map((entry) => path.relative(fixtureRepo.paths.root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !skipped.test(name))
    .sort();
  return Object.fromEntries(
    files.map((name) => [name, fs.readFileSync(path.join(fixtureRepo.paths.root, name), 'utf8')]),
  );
}

export function json(file: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
}
