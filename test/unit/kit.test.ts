import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/paths';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}
interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: { readonly node?: readonly string[] } };
}
interface Workflow {
  readonly on: unknown;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Manifest {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly icon: string;
  readonly keywords: readonly string[];
  readonly contributes: { readonly commands: readonly { readonly title: string }[] };
}

// lint-staged, a development tool, reads YAML with this.
const { parse } = createRequire(createRequire(import.meta.url).resolve('lint-staged'))('yaml') as {
  parse: (text: string) => unknown;
};

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const below = (folder: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.relative(root, path.join(one.parentPath, one.name)).split(path.sep).join('/'));
/** Parses JSON with comments, which are on separate lines here. */
const settings = (file: string): unknown => JSON.parse(read(file).replace(/^\s*\/\/.*$/gmu, ''));

const manifest = JSON.parse(read('package.json')) as Manifest;
const kit = [...['.github', '.vscode', '.devcontainer'].flatMap(below), '.editorconfig', '.gitattributes', '.nvmrc'];
const yaml = kit.filter((file) => file.endsWith('.yml'));
const flows = yaml.filter((file) => file.startsWith('.github/workflows/'));
function flow(file: string): Workflow {
  try {
    return parse(read(file)) as Workflow;
  } catch (error) {
    throw new Error(`${file} is no YAML`, { cause: error });
  }
}
const steps = (file: string): Step[] => Object.values(flow(file).jobs).flatMap((job) => job.steps);
const action = parse(read('.github/actions/setup/action.yml')) as {
  readonly runs: { readonly steps: readonly Step[] };
};

/** Permissions that workflows may request from GitHub. Everything else is refused here. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yml: publish': { contents: 'write' },
};

test('all of it is there', () => {
  expect(flows.map((file) => path.basename(file)).sort()).toEqual(['ci.yml', 'nightly.yml', 'release.yml']);
  expect(kit).toEqual(
    expect.arrayContaining([
      '.github/SECURITY.md',
      '.github/PULL_REQUEST_TEMPLATE.md',
      '.github/ISSUE_TEMPLATE/bug.yml',
      '.vscode/launch.json',
      '.vscode/tasks.json',
      '.devcontainer/devcontainer.json',
    ]),
  );
});

test.each(yaml)('%s is YAML', (file) => {
  expect(parse(read(file))).toBeTypeOf('object');
});

test.each(kit.filter((file) => file.endsWith('.json')))('%s is JSON with comments', (file) => {
  expect(settings(file)).toBeTypeOf('object');
});

test.each([...kit, 'CONTRIBUTING.md'])('%s names only scripts that there are', (file) => {
  const named = [...read(file).matchAll(/npm (?:run (?:--silent )?(?<script>[\w:-]+)|(?<short>test|start)\b)/gu)].map(
    (found) => found.groups?.['script'] ?? found.groups?.['short'] ?? '',
  );
  expect(named.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
});

test('the workflows run what they are for', () => {
  expect(read('.github/workflows/ci.yml')).toMatch(/npm test\b[^]*npm run test:unit\b/u);
  expect(read('.github/workflows/nightly.yml')).toMatch(
    /npm run test:deep\b[^]*npm run bench\b[^]*WELD_HOST: floor\b/u,
  );
});

test.each([...flows, '.github/ISSUE_TEMPLATE/bug.yml', '.vscode/launch.json', '.vscode/tasks.json'])(
  '%s names only files of the tests that there are',
  (file) => {
    expect(
      [...read(file).matchAll(/(?<![\w.-])test\/[\w./-]+/gu)]
        .map(([name]) => name)
        .filter((name) => !fs.existsSync(path.join(root, name))),
    ).toEqual([]);
  },
);

describe.each(flows)('%s', (file) => {
  const { on, permissions, concurrency, jobs } = flow(file);

  test('has a time limit for each job', () => {
    for (const [name, job] of Object.entries(jobs)) {
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      expect(job['timeout-minutes'], name).toBeLessThanOrEqual(60);
    }
  });

  test('may read, and what is listed', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(jobs))
      expect(job.permissions, name).toEqual(PERMISSIONS[`${path.basename(file)}: ${name}`]);
  });

  test('says what happens to two at once, and is not started by strangers with secrets', () => {
    expect(concurrency).toBeDefined();
    expect(JSON.stringify(on)).not.toMatch(/pull_request_target|workflow_run|issue_comment/u);
  });

  test('takes actions of others by their commit, with the version beside it', () => {
    const lines = [...read(file).split('\n'), ...read('.github/actions/setup/action.yml').split('\n')].filter(
      (line) => /\buses:/u.test(line) && !line.includes('uses: ./'),
    );
    expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line))).toEqual([]);
  });

  test('keeps no token in the checkout', () => {
    expect(
      steps(file).filter(
        (step) => step.uses?.startsWith('actions/checkout@') === true && step.with?.['persist-credentials'] !== false,
      ),
    ).toEqual([]);
  });

  test('hands a secret to one step by its environment, and prints none', () => {
    for (const step of [...steps(file), ...action.runs.steps]) {
      expect(step.run ?? '').not.toMatch(/\$\{\{|\bset -x|printenv|\b(?:echo|printf|cat)\b.*(?:_PAT|_TOKEN)\b/u);
      expect(JSON.stringify(step.with ?? {})).not.toMatch(/secrets\.|github\.token/u);
    }
    const inSteps = steps(file)
      .flatMap((step) => Object.values(step.env ?? {}))
      .filter((value) => value.includes('secrets.'));
    expect(read(file).split('secrets.').length - 1).toBe(inSteps.length);
  });
});

test('one action has one commit everywhere', () => {
  const used = [
    ...new Set(
      [...flows.flatMap(steps), ...action.runs.steps]
        .flatMap((step) => step.uses ?? [])
        .filter((name) => !name.startsWith('./')),
    ),
  ];
  expect(used.length).toBe(new Set(used.map((name) => name.split('@')[0])).size);
});

test('the lowest Node is the same everywhere', () => {
  const lowest = read('.nvmrc').trim();
  expect(lowest).toMatch(/^\d+\.\d+$/u);
  expect(manifest.engines.node).toBe(`>=${lowest}.0`);
  expect(
    (JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> }).packages['']?.engines.node,
  ).toBe(manifest.engines.node);
  expect(read('.devcontainer/Dockerfile')).toMatch(new RegExp(`^FROM node:${lowest.replace('.', '\\.')}-`, 'mu'));
  for (const doc of ['README.md', 'CONTRIBUTING.md']) expect(read(doc)).toContain(`Node ${lowest} or newer`);
  const versions = [
    ...flows
      .flatMap((file) => Object.values(flow(file).jobs))
      .flatMap((job) => [
        ...(job.strategy?.matrix.node ?? []),
        ...job.steps.flatMap((step) => step.with?.['node-version'] ?? []),
      ]),
  ];
  // eslint-disable-next-line no-template-curly-in-string -- GitHub's
  const known = [lowest, 'lts/*', '${{ matrix.node }}'];
  expect(versions.map(String).filter((version) => !known.includes(version))).toEqual([]);
  expect(versions).toEqual(expect.arrayContaining([lowest, 'lts/*']));
  const without = [...flows.flatMap(steps), ...action.runs.steps].filter(
    (step) =>
      step.uses?.startsWith('actions/setup-node@') === true &&
      step.with?.['node-version'] === undefined &&
      step.with?.['node-version-file'] !== '.nvmrc',
  );
  expect(without).toEqual([]);
});

test('the system has what the tests ask of it, in the workflows and in the container', () => {
  const list =
    /const WANTED = (?<list>\[.*?\]) as const/su.exec(read('test/support/host/system.ts'))?.groups?.['list'] ?? '';
  const wanted = [...list.matchAll(/\['[^']+', '(?<name>[^']+)'\]/gu)].map((found) => found.groups?.['name'] ?? '');
  expect(wanted).toContain('bubblewrap');
  for (const file of ['.github/actions/setup/action.yml', '.devcontainer/Dockerfile']) {
    const installed = /apt-get install (?<names>.*)/u.exec(read(file))?.groups?.['names']?.split(/\s+/u) ?? [];
    expect(
      wanted.filter((name) => !installed.includes(name)),
      file,
    ).toEqual([]);
  }
});

test('a launch starts a task that there is', () => {
  const { tasks } = settings('.vscode/tasks.json') as { tasks: { label: string }[] };
  const { configurations } = settings('.vscode/launch.json') as {
    configurations: { preLaunchTask?: string; program?: string }[];
  };
  for (const { preLaunchTask, program } of configurations) {
    if (preLaunchTask !== undefined) expect(tasks.map(({ label }) => label)).toContain(preLaunchTask);
    if (program !== undefined)
      expect(fs.existsSync(program.replace(/^\$\{workspaceFolder\}/u, root)), program).toBe(true);
  }
});

test('templates name commands as the palette does', () => {
  const words = JSON.parse(read('package.nls.json')) as Record<string, string>;
  const titles = manifest.contributes.commands.map(({ title }) => words[title.slice(1, -1)] ?? title);
  const named = kit
    .filter((file) => file.startsWith('.github/'))
    .flatMap((file) =>
      [...read(file).matchAll(/(?:\*\*|")Weld: (?<title>[^"*\n]+)(?:\*\*|")/gu)].map(
        (found) => found.groups?.['title'] ?? '',
      ),
    );
  expect(named).toEqual(expect.arrayContaining(['Check Setup', 'Show Log']));
  expect(named.filter((title) => !titles.includes(title))).toEqual([]);
});

test('the icon is a square picture of 128 or more', () => {
  const header = fs.readFileSync(path.join(root, manifest.icon)).subarray(0, 24);
  expect(header.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const [width, height] = [header.readUInt32BE(16), header.readUInt32BE(20)];
  expect(width).toBe(height);
  expect(width).toBeGreaterThanOrEqual(128);
});

test('the Marketplace takes the keywords', () => {
  expect(manifest.keywords.length).toBeLessThanOrEqual(30);
  expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
});

test.each(kit)("%s names no path of somebody's machine", (file) => {
  expect(
    read(file).match(
      /(?<![\w.}*-])\/(?:home|Users|root|work|workspaces?|mnt|tmp|dev\/shm)\b[^\s"']*|\b[A-Za-z]:\\\S*/gu,
    ),
  ).toBeNull();
});
