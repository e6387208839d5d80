import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { MetaSchema, SpecRefSchema } from '../../../../src/core/artifacts/schemas';
import { listRunIds } from '../../../../src/core/runs/listRuns';
import { startRun } from '../../../../src/core/runs/start';
import { git } from '../../../support/git';
import { SecondProcess } from '../../../support/second-process';
import { makeWorld, open, snapshot, temporaryFolder } from './support';

const json = (file: string): unknown => JSON.parse(fs.readFileSync(file, 'utf8'));

describe('run start', () => {
  test('writes every field of the first records', async () => {
    const { project, spec, top } = await makeWorld();
    const { runId } = await startRun(project, { spec: 'docs/greetings.md', name: 'My First Run!' });
    expect(runId).toMatch(/^\d{8}-\d{6}-my-first-run$/u);
    const run = project.paths.run(runId);
    const meta = MetaSchema.parse(json(run.meta));
    expect(meta).toMatchObject({
      run_id: runId,
      repo_root: top,
      branch: 'main',
      head_sha: await git(top, 'rev-parse', 'HEAD'),
      plan_parse_warnings: [],
      research_version: 0,
      plan_version: 0,
      stale_artifacts: [],
      stale_overrides: [],
      abandoned: false,
      commits: [],
      command_history: [{ command: 'run start' }],
    });
    expect(meta.config_hash).toMatch(/^[0-9a-f]{64}$/u);
    expect(meta.tool_versions['git']).toMatch(/^\d/u);
    for (const time of [meta.created_at, meta.updated_at, meta.last_used_at])
      expect(Date.parse(time ?? '')).toBeGreaterThan(Date.now() - 60_000);
    const ref = SpecRefSchema.parse(json(run.specRef));
    expect(ref).toEqual({
      absolute_path: spec,
      size_bytes: fs.statSync(spec).size,
      sha256: (await import('node:crypto')).createHash('sha256').update(fs.readFileSync(spec)).digest('hex'),
      git_blob_id: await git(top, 'hash-object', spec),
    });
    for (const prompt of [run.researchPrompt, run.planPrompt])
      expect(fs.readFileSync(prompt, 'utf8')).toContain('falls back to English');
    expect(fs.readFileSync(run.planPrompt, 'utf8')).toContain('## Step N: Title');
  });

  test('sets up a repository that was not, and git sees nothing of the runs', async () => {
    const { project, top, spec } = await makeWorld({ initialised: false });
    await startRun(project, { spec, skipResearch: true });
    expect(await git(top, 'status', '--porcelain', '--untracked-files=all')).toBe(
      '?? .weld/.gitignore\n?? .weld/config.toml',
    );
  });

  test('without research there is no research prompt', async () => {
    const { project, spec } = await makeWorld();
    const { runId } = await startRun(project, { spec, skipResearch: true });
    expect(fs.existsSync(project.paths.run(runId).research)).toBe(false);
  });

  test('many in one second get a folder each', async () => {
    const { project, spec } = await makeWorld();
    const ids = await Promise.all(Array.from({ length: 6 }, () => startRun(project, { spec, name: 'same' })));
    expect(new Set(ids.map(({ runId }) => runId)).size).toBe(6);
    for (const { runId } of ids) expect(json(project.paths.run(runId).meta)).toMatchObject({ run_id: runId });
    expect(await listRunIds(project)).toHaveLength(6);
  });

  test('takes no lock: it succeeds while another process works, and leaves the lock alone', async () => {
    const { project, spec, weldDir } = await makeWorld();
    const { runId } = await startRun(project, { spec, name: 'first' });
    const other = await SecondProcess.hold(weldDir, runId);
    try {
      await startRun(project, { spec, name: 'second' });
      expect(json(project.paths.activeLock)).toMatchObject({ token: other.record.token, pid: other.pid });
    } finally {
      await other.release();
    }
  });

  test('in a repository without commits, and with a detached HEAD', async () => {
    const top = temporaryFolder();
    await git(top, 'init', '--quiet');
    fs.writeFileSync(path.join(top, 'spec.md'), '# Do it\n');
    const { runId } = await startRun(await open(top), { spec: 'spec.md' });
    expect(json(path.join(top, '.weld/runs', runId, 'meta.json'))).toMatchObject({ branch: 'main', head_sha: '' });

    const { project, spec, top: detached } = await makeWorld();
    await git(detached, 'checkout', '--quiet', '--detach');
    const second = await startRun(project, { spec });
    expect(json(project.paths.run(second.runId).meta)).toMatchObject({ branch: 'HEAD' });
  });

  test('from a subfolder, .weld stands at the top', async () => {
    const { top, spec } = await makeWorld();
    const project = await open(path.join(top, 'docs'));
    expect(project.top).toBe(top);
    const { runId } = await startRun(project, { spec });
    expect(fs.existsSync(path.join(top, '.weld/runs', runId, 'meta.json'))).toBe(true);
  });
});

describe('a specification', () => {
  test('outside the repository and behind a link is read', async () => {
    const { project, top } = await makeWorld();
    const elsewhere = temporaryFolder();
    fs.writeFileSync(path.join(elsewhere, 'Das Ziel.md'), '# Ziel: äöü\n');
    fs.symlinkSync(path.join(elsewhere, 'Das Ziel.md'), path.join(top, 'link.md'));
    for (const [spec, slug] of [
      [path.join(elsewhere, 'Das Ziel.md'), 'das-ziel'],
      ['link.md', 'link'],
    ] as const) {
      const { runId } = await startRun(project, { spec });
      expect(runId.endsWith(slug)).toBe(true);
      expect(fs.readFileSync(project.paths.run(runId).planPrompt, 'utf8')).toContain('# Ziel: äöü');
    }
  });

  test.each([
    ['missing', 'no-such.md', () => undefined, /does not exist/],
    [
      'empty',
      'spec.md',
      (file: string) => {
        fs.writeFileSync(file, ' \n\n');
      },
      /is empty/,
    ],
    [
      'binary',
      'spec.md',
      (file: string) => {
        fs.writeFileSync(file, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]));
      },
      /not UTF-8 text/,
    ],
    [
      'not UTF-8',
      'spec.md',
      (file: string) => {
        fs.writeFileSync(file, Buffer.from([0x67, 0x72, 0xfc, 0xdf]));
      },
      /not UTF-8 text/,
    ],
    [
      'of 20 MB',
      'spec.md',
      (file: string) => {
        fs.writeFileSync(file, 'x'.repeat(20 * 1024 * 1024));
      },
      /20 MB long.*under 1 MB/,
    ],
    ['a folder', 'docs', () => undefined, /is a folder/],
    [
      'a dangling link',
      'spec.md',
      (file: string) => {
        fs.symlinkSync('/no/such/file', file);
      },
      /does not exist/,
    ],
    [
      'a link to itself',
      'spec.md',
      (file: string) => {
        fs.symlinkSync(file, file);
      },
      /leads nowhere/,
    ],
  ])('that is %s is refused and nothing is written', async (_name, spec, make, words) => {
    const { project, top, weldDir } = await makeWorld();
    make(path.join(top, spec));
    const before = snapshot(weldDir);
    await expect(startRun(project, { spec })).rejects.toMatchObject({
      code: 'SPEC_UNREADABLE',
      message: expect.stringMatching(words) as string,
    });
    expect(snapshot(weldDir)).toEqual(before);
  });
});
