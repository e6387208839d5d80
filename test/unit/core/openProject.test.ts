import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeText } from '../../../src/core/artifacts/store';
import { planImport } from '../../../src/core/runs/importPlan';
import { init, startRun } from '../../../src/core/runs/start';
import { planInForce } from '../../../src/core/steps/planInForce';
import { git } from '../../support/git';
import { PLAN } from '../../support/recordings';
import { bundled, makeRun, makeWorld, open, operate, snapshot, supervisorPath, temporaryFolder } from './runs/support';

const root = process.getuid?.() === 0;
const NOBODY = 65534;

/** Continues as a user who owns only what is given to them; an ordinary user continues as themselves. */
function asNobody(...owned: string[]): void {
  const config = process.env['GIT_CONFIG_GLOBAL'] ?? '';
  if (!root) return;
  for (const folder of owned) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
  for (const file of [path.dirname(config), ...owned.map((folder) => path.dirname(folder))]) fs.chmodSync(file, 0o755);
  fs.chmodSync(config, 0o644);
  process.seteuid?.(NOBODY);
  onTestFinished(() => {
    process.seteuid?.(0);
  });
}

describe('opening', () => {
  test('from a subfolder or through a link finds the one top', async () => {
    const { top } = await makeWorld();
    fs.symlinkSync(path.join(top, 'docs'), `${top}-link`);
    expect((await open(path.join(top, 'docs'))).top).toBe(top);
    expect((await open(`${top}-link`)).top).toBe(top);
  });

  test('what is no repository, not there, or bare is said so', async () => {
    const folder = temporaryFolder();
    await git(folder, 'init', '--quiet', '--bare', 'bare.git');
    for (const wrong of [folder, path.join(folder, 'nothing'), path.join(folder, 'bare.git')])
      await expect(open(wrong), wrong).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    expect(fs.existsSync(path.join(folder, '.weld'))).toBe(false);
  });

  test('a clone that belongs to somebody else is not opened, and the way out is named', async () => {
    const { top } = await makeWorld();
    if (root) execFileSync('chown', ['-R', String(NOBODY), top]);
    else process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
    onTestFinished(() => {
      delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
    });
    await expect(open(top)).rejects.toMatchObject({
      code: 'UNSAFE_REPOSITORY',
      message: expect.stringContaining('safe.directory') as string,
    });
  });

  test('without git is said so', async () => {
    const { top } = await makeWorld();
    const before = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    onTestFinished(() => {
      process.env['PATH'] = before;
    });
    await expect(open(top)).rejects.toMatchObject({ code: 'GIT_MISSING' });
  });

  test('sets nothing up', async () => {
    const { top } = await makeWorld({ initialised: false });
    await open(top);
    expect(fs.existsSync(path.join(top, '.weld'))).toBe(false);
  });

  test('the agent of a task is the one that config.toml names now', async () => {
    const { project } = await makeWorld();
    expect((await project.agent('research')).kind).toBe('replay');
    fs.writeFileSync(project.paths.config, '');
    expect((await project.agent('research')).kind).toBe('manual');
    fs.writeFileSync(project.paths.config, '[loop\n');
    await expect(project.agent('research')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('init', () => {
  test('makes what is missing and leaves what is there', async () => {
    const { project, top } = await makeWorld({ initialised: false });
    expect(await init(project)).toEqual({ created: ['.weld/.gitignore', '.weld/config.toml'] });
    fs.writeFileSync(project.paths.config, '# mine\n');
    fs.rmSync(project.paths.gitignore);
    expect(await init(project)).toEqual({ created: ['.weld/.gitignore'] });
    expect(fs.readFileSync(project.paths.config, 'utf8')).toBe('# mine\n');
    expect((await project.config()).problems).toEqual([]);
    expect(await git(top, 'status', '--porcelain', '--untracked-files=all')).toBe(
      '?? .weld/.gitignore\n?? .weld/config.toml',
    );
  });

  test('writes the first choices into a new configuration only, and nothing for a wrong one', async () => {
    const { project, top } = await makeWorld({ initialised: false });
    await expect(init(project, { checks: { test: 'a; b' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(fs.existsSync(path.join(top, '.weld'))).toBe(false);
    await init(project, { checks: { lint: 'npm run lint', test: 'npm test' }, agents: ['claude'] });
    const { config, problems } = await project.config();
    expect(problems).toEqual([]);
    expect(config.checks).toEqual({ lint: 'npm run lint', test: 'npm test', timeout_seconds: 600 });
    expect(config.task_models.implementation_review).toEqual({ provider: 'claude' });
    const text = fs.readFileSync(project.paths.config, 'utf8');
    expect(await init(project, { checks: { other: 'x' } })).toEqual({ created: [] });
    expect(fs.readFileSync(project.paths.config, 'utf8')).toBe(text);
  });

  test('of two windows at once makes one whole of each', async () => {
    const { project, top } = await makeWorld({ initialised: false });
    await Promise.all([init(project), init(await open(top)), init(project)]);
    expect(fs.readFileSync(project.paths.config, 'utf8')).toContain('[task_models]');
  });

  test('a .weld that is a link or a file is refused', async () => {
    const { project, top } = await makeWorld({ initialised: false });
    fs.symlinkSync(temporaryFolder(), path.join(top, '.weld'));
    await expect(init(project)).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    fs.unlinkSync(path.join(top, '.weld'));
    fs.writeFileSync(path.join(top, '.weld'), 'a file');
    await expect(init(project)).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
    expect(fs.readFileSync(path.join(top, '.weld'), 'utf8')).toBe('a file');
  });
});

describe('what cannot be written', () => {
  test('an unwritable .weld is said so, and nothing is lost', async () => {
    const { project, runId, top, spec, weldDir } = await makeRun();
    const before = snapshot(weldDir);
    for (const folder of [weldDir, project.paths.runs, project.paths.staging]) fs.chmodSync(folder, 0o555);
    onTestFinished(() => {
      process.seteuid?.(0);
      for (const folder of [weldDir, project.paths.runs, project.paths.staging]) fs.chmodSync(folder, 0o755);
    });
    asNobody(top);
    await expect(startRun(project, { spec })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    await expect(operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }))).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
    expect(snapshot(weldDir)).toEqual(before);
  });

  test('a repository top that may not be written to is said so', async () => {
    const { project, top } = await makeWorld({ initialised: false });
    fs.chmodSync(top, 0o555);
    onTestFinished(() => {
      process.seteuid?.(0);
      fs.chmodSync(top, 0o755);
    });
    asNobody(top);
    await expect(init(project)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining('write access') as string,
    });
  });

  test.runIf(process.platform !== 'win32')('a file that finds no more room leaves the plan in force', async () => {
    const { project, runId, top } = await makeRun();
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    const limited = [
      '-c',
      'ulimit -f 1000; exec "$@"',
      'sh',
      process.execPath,
      bundled('test/unit/core/runs/child.ts'),
      top,
      runId,
      supervisorPath(),
      'large',
    ];
    expect(JSON.parse(execFileSync('sh', limited, { encoding: 'utf8' }))).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('nothing was lost') as string,
    });
    expect((await planInForce(project, runId))?.text).toBe(PLAN);
    expect(fs.readdirSync(project.paths.staging)).toEqual([]);
  });

  // A small separate file system needs the permission to mount.
  if (root)
    test('a full disk is said so, and the plan in force stays', async () => {
      const { project, runId, weldDir } = await makeRun();
      await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
      const kept = `${weldDir}-kept`;
      fs.cpSync(weldDir, kept, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', weldDir]);
      onTestFinished(() => {
        execFileSync('umount', ['--lazy', weldDir]);
      });
      fs.cpSync(kept, weldDir, { recursive: true });
      const large = PLAN.replace('A function', 'word '.repeat(400_000));
      await expect(operate(project, runId, (op) => planImport(op, { runId, markdown: large }))).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringContaining('nothing was lost') as string,
      });
      expect((await planInForce(project, runId))?.text).toBe(PLAN);
      expect(fs.readdirSync(project.paths.staging)).toEqual([]);
      await operate(project, runId, (op) =>
        writeText(op.lock, project.paths.run(runId).summary, 'small things still go'),
      );
      await expect(startRun(project, { spec: 'large.md' })).rejects.toMatchObject({ code: 'SPEC_UNREADABLE' });
      fs.writeFileSync(path.join(project.top, 'large.md'), 'x'.repeat(900_000));
      const runs = fs.readdirSync(project.paths.runs);
      await expect(startRun(project, { spec: 'large.md' })).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(fs.readdirSync(project.paths.runs)).toEqual(runs);
      expect(fs.readdirSync(project.paths.staging)).toEqual([]);
    });
});
