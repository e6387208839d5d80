import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type DoctorLine, doctor } from '../../../../src/core/runs/doctor';
import { git } from '../../../support/git';
import { SecondProcess } from '../../../support/second-process';
import { bundled, makeRun, makeWorld, open, snapshot, temporaryFolder, type World } from './support';

const NOBODY = 65534;
const trusted = { trusted: true };
const having = (lines: readonly DoctorLine[], level: DoctorLine['level'], words: RegExp): DoctorLine | undefined =>
  lines.find((line) => line.level === level && words.test(line.text));

describe('doctor', () => {
  test('says of a repository in order that all is well, and changes nothing', async () => {
    const { project, top } = await makeRun();
    const before = snapshot(top, (name) => name.startsWith('.weld/lock'));
    const { lines } = await doctor(() => Promise.resolve(project), trusted);
    expect(lines.filter((line) => line.level !== 'ok')).toEqual([]);
    for (const words of [
      /^git \d/u,
      /is on main/u,
      /\.weld can be written/u,
      /recording\.json does/u,
      /check test runs \//u,
      /lock is free/u,
      /hard links/u,
    ])
      expect(having(lines, 'ok', words), String(words)).toBeDefined();
    expect(snapshot(top, (name) => name.startsWith('.weld/lock'))).toEqual(before);
  });

  test('names what is missing, each with what to do', async () => {
    const { project } = await makeWorld();
    fs.writeFileSync(
      project.paths.config,
      '[checks]\ntest = "no-such-runner --all"\nlint = "./scripts/lint.sh"\n[task_models]\nimplementation = { ' +
        'provider = "claude", exec = "no-such-claude" }\nresearch ' +
        '= { provider ' +
        '= "replay", ' +
        'recording = ' +
        '"gone.json" }\n[loop]\nmax_iteratoins = 3\n',
    );
    fs.rmSync(project.paths.gitignore);
    const { lines } = await doctor(() => Promise.resolve(project), trusted);
    for (const [level, words] of [
      ['failure', /no-such-runner is not installed/u],
      ['failure', /lint\.sh is not installed/u],
      ['failure', /no-such-claude \(implementation\) is not installed/u],
      ['failure', /gone\.json .*cannot be read/u],
      ['warning', /max_iteratoins/u],
      ['warning', /\.gitignore is missing/u],
    ] as const)
      expect(having(lines, level, words), String(words)).toMatchObject({ fix: expect.stringMatching(/\w/u) as string });
  });

  test('finds a program and its version', async () => {
    const { project } = await makeWorld();
    const program = path.join(temporaryFolder(), 'agent');
    fs.writeFileSync(program, '#!/bin/sh\necho "9.8.7 (Agent)$OTHER_TOKEN"\n', { mode: 0o755 });
    vi.stubEnv('OTHER_TOKEN', 'leaked');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    fs.writeFileSync(project.paths.config, `[claude]\nexec = ${JSON.stringify(program)}\n`);
    const { lines } = await doctor(() => Promise.resolve(project), trusted);
    expect(having(lines, 'ok', /9\.8\.7 \(Agent\) does: all tasks/u)).toBeDefined();
  });

  test('says who holds the lock, and what was left behind', async () => {
    const { project, runId, weldDir } = await makeRun();
    const other = await SecondProcess.hold(weldDir, runId, 'step loop 2');
    expect(
      having(
        (await doctor(() => Promise.resolve(project), trusted)).lines,
        'ok',
        new RegExp(`held by .*step loop 2.*${other.pid}`, 'u'),
      ),
    ).toBeDefined();
    await other.kill();
    expect(
      having((await doctor(() => Promise.resolve(project), trusted)).lines, 'warning', /step loop 2/u),
    ).toBeDefined();
  });

  test.each<[string, DoctorLine['level'], RegExp, (world: World) => unknown]>([
    [
      '.weld is a link',
      'failure',
      /leads out of \.weld/u,
      ({ top, weldDir }) => {
        fs.renameSync(weldDir, path.join(top, 'elsewhere'));
        fs.symlinkSync(path.join(top, 'elsewhere'), weldDir);
      },
    ],
    [
      '.weld is a file',
      'failure',
      /\.weld is not a folder/u,
      ({ weldDir }) => {
        fs.rmSync(weldDir, { recursive: true });
        fs.writeFileSync(weldDir, '');
      },
    ],
    [
      'the lock is unreadable',
      'failure',
      /run lock cannot be read/u,
      ({ project }) => {
        fs.writeFileSync(project.paths.activeLock, 'not a record');
      },
    ],
    ['HEAD is detached', 'warning', /detached HEAD/u, ({ top }) => git(top, 'checkout', '--quiet', '--detach')],
    ['there is no commit', 'warning', /has no commit yet/u, ({ top }) => git(top, 'update-ref', '-d', 'HEAD')],
    [
      'a program is recorded as at work',
      'warning',
      /^1 program is recorded as at work/u,
      ({ project }) => {
        fs.mkdirSync(project.paths.workers, { recursive: true });
        fs.writeFileSync(path.join(project.paths.workers, 'one.json'), '{}');
      },
    ],
  ])('says when %s, and what to do', async (_name, level, words, make) => {
    const world = await makeWorld();
    await make(world);
    const { lines } = await doctor(() => Promise.resolve(world.project), trusted);
    expect(having(lines, level, words)).toMatchObject({ fix: expect.stringMatching(/\w.*\.$/u) as string });
  });

  test('says when .weld cannot be written, and what to do', () => {
    // The superuser can write everywhere, so another user runs it.
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const folder = temporaryFolder();
    const [top, weldDir, program] = [
      path.join(folder, 'repository'),
      path.join(folder, 'repository', '.weld'),
      path.join(folder, 'doctor.cjs'),
    ];
    fs.copyFileSync(bundled('test/unit/core/runs/doctor.program.ts'), program);
    fs.chmodSync(folder, 0o755);
    fs.mkdirSync(weldDir, { recursive: true });
    if (user.uid !== undefined) fs.chownSync(top, user.uid, user.uid);
    const said = (): DoctorLine[] => {
      const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder };
      return JSON.parse(
        execFileSync(process.execPath, [program, top], { encoding: 'utf8', cwd: folder, env, ...user }),
      ) as DoctorLine[];
    };
    execFileSync('git', ['init', '--quiet', top], { cwd: folder, ...user });
    fs.chmodSync(weldDir, 0o500);
    expect(having(said(), 'failure', /cannot be written/u)).toMatchObject({
      fix: expect.stringContaining('write access') as string,
    });
    if (user.uid !== undefined) fs.chownSync(weldDir, user.uid, user.uid);
    fs.chmodSync(weldDir, 0o700);
    expect(having(said(), 'failure', /cannot be written/u)).toBeUndefined();
  });

  test('works where nothing else does', async () => {
    const folder = temporaryFolder();
    expect((await doctor(() => open(folder), trusted)).lines).toMatchObject([
      { level: 'failure', fix: expect.stringContaining('git init') as string },
    ]);
    expect((await doctor(() => Promise.reject(new Error('never called')), { trusted: false })).lines).toMatchObject([
      { level: 'failure', text: expect.stringContaining('not trusted') as string },
    ]);
    const { project } = await makeWorld({ initialised: false });
    expect(
      having((await doctor(() => Promise.resolve(project), trusted)).lines, 'warning', /not set up/u),
    ).toBeDefined();
    expect(fs.existsSync(project.paths.root)).toBe(false);
    fs.mkdirSync(project.paths.root);
    fs.writeFileSync(project.paths.config, '[checks\n');
    expect(
      having((await doctor(() => Promise.resolve(project), trusted)).lines, 'failure', /config\.toml/u),
    ).toBeDefined();
  });
});
