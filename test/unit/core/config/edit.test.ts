import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfigToml, editTaskModels, loadConfig, writeTaskModels } from '../../../../src/core/config';
import { TASKS } from '../../../../src/core/config/providers';
import { root } from '../../../support/paths';

const claude = { provider: 'claude', model: 'opus' } as const;

describe('editTaskModels', () => {
  it.each([
    [
      'an inline table, with its comment',
      '[task_models]\n# mine\nresearch = { provider = "codex", extra = 1 } # why\nother = 1\n',
      '[task_models]\n# mine\nresearch = { provider = "claude", model = "opus", extra = 1 } # why\nother = 1\n',
    ],
    [
      'a table of its own',
      '[task_models.research]\n# note\nprovider = "codex" # old\nexec = "x"\n\n[loop]\n',
      '[task_models.research]\nmodel = "opus"\n# note\nprovider = "claude" # old\n\n[loop]\n',
    ],
    [
      'dotted keys',
      '[task_models]\nresearch.provider = "codex"\nresearch.exec = "x"\nplan_review = { provider = "codex" }\n',
      '[task_models]\nplan_review = { provider = "codex" }\nresearch = { provider = "claude", model = "opus" }\n',
    ],
    [
      'an empty table',
      '[task_models]\n# only words\n\n[loop]\nmax_iterations = 3\n',
      '[task_models]\nresearch = { provider = "claude", model = "opus" }\n# only words\n\n[loop]\nmax_iterations = 3\n',
    ],
    [
      'no table',
      '# top\n[loop]\nmax_iterations = 3',
      '# top\n[loop]\nmax_iterations = 3\n\n[task_models]\nresearch = { provider = "claude", model = "opus" }\n',
    ],
    [
      'one inline table for all',
      'task_models = { research = { provider = "codex" } }\n',
      'task_models = { research = { provider = "claude", model = "opus" } }\n',
    ],
    ['nothing', '', '[task_models]\nresearch = { provider = "claude", model = "opus" }\n'],
    [
      'CRLF',
      '[task_models]\r\nplan_review = { provider = "codex" }\r\n',
      '[task_models]\r\nplan_review = { provider = "codex" }\r\nresearch = { provider = "claude", model = "opus" }\r\n',
    ],
  ])('sets an entry in %s', (_name, before, after) => {
    expect(editTaskModels(before, { research: claude })).toBe(after);
  });

  it('keeps program and model of the agent that is chosen again, and of no other', () => {
    const before = '[task_models]\nresearch = { provider = "codex", model = "m", exec = "x" }\n';
    expect(editTaskModels(before, { research: { provider: 'codex' } })).toBe(before);
    expect(editTaskModels(before, { research: { provider: 'codex', model: 'n' } })).toBe(before.replace('"m"', '"n"'));
    expect(editTaskModels(before, { research: { provider: 'claude' } })).toBe(
      '[task_models]\nresearch = { provider = "claude" }\n',
    );
  });

  it('takes an entry out', () => {
    expect(
      editTaskModels('[task_models]\nresearch = { provider = "codex" }\nplan_review = { provider = "codex" }\n', {
        research: null,
      }),
    ).toBe('[task_models]\nplan_review = { provider = "codex" }\n');
  });

  it('changes nothing else for any choice, and says the same when asked twice', () => {
    const model = fc.record({
      provider: fc.constantFrom('claude', 'codex', 'manual', 'replay'),
      model: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...TASKS),
        model,
        fc.constantFrom(defaultConfigToml('x'), '[task_models]\n', '', '[task_models.research]\nprovider = "codex"\n'),
        (task, choice, text) => {
          const clean = choice.model === undefined ? { provider: choice.provider } : choice;
          fc.pre(choice.model === undefined || !/\p{Surrogate}/u.test(choice.model));
          const edited = editTaskModels(text, { [task]: clean });
          const value = parse(edited) as { task_models: Record<string, unknown> };
          expect(value.task_models[task]).toEqual(clean);
          expect(
            edited
              .split('\n')
              .filter((line) => line.startsWith('#'))
              .slice(0, 3),
          ).toEqual(
            text
              .split('\n')
              .filter((line) => line.startsWith('#'))
              .slice(0, 3),
          );
          expect(editTaskModels(edited, { [task]: clean })).toBe(edited);
        },
      ),
    );
  });
});

describe('writeTaskModels', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-config-'));
  });
  afterEach(async () => {
    await fs.rm(dir, { recursive: true, force: true });
  });

  it('keeps every change of writers that run at once', async () => {
    const file = path.join(dir, 'config.toml');
    await fs.writeFile(file, defaultConfigToml('x'));
    await Promise.all(TASKS.map((task) => writeTaskModels(file, { [task]: claude })));
    const { config } = await loadConfig(file);
    expect(Object.keys(config.task_models).sort()).toEqual([...TASKS].sort());
    expect(await fs.readdir(dir)).toEqual(['config.toml']);
  });

  it('refuses a file that is not valid and leaves it as it is', async () => {
    const file = path.join(dir, 'config.toml');
    await fs.writeFile(file, 'a = \n');
    await expect(writeTaskModels(file, { research: claude })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await fs.readFile(file, 'utf8')).toBe('a = \n');
    expect(await fs.readdir(dir)).toEqual(['config.toml']);
  });

  it('makes the file where there is none', async () => {
    const file = path.join(dir, 'config.toml');
    await writeTaskModels(file, { implementation: { provider: 'manual' } });
    expect((await loadConfig(file)).config.task_models).toEqual({ implementation: { provider: 'manual' } });
  });

  it.skipIf(process.platform === 'win32')('keeps the rights that the file has', async () => {
    const file = path.join(dir, 'config.toml');
    await fs.writeFile(file, '[loop]\n');
    await fs.chmod(file, 0o640);
    await writeTaskModels(file, { research: claude });
    expect((await fs.stat(file)).mode & 0o7777).toBe(0o640);
  });

  it.skipIf(process.platform === 'win32')('refuses a link, wherever it leads', async () => {
    const elsewhere = path.join(dir, 'elsewhere.toml');
    const file = path.join(dir, 'config.toml');
    await fs.writeFile(elsewhere, '[loop]\n');
    await fs.symlink(elsewhere, file);
    await expect(writeTaskModels(file, { research: claude })).rejects.toMatchObject({
      code: 'DAMAGED_FILE',
      message: expect.stringContaining('symbolic link') as string,
    });
    expect(await fs.readFile(elsewhere, 'utf8')).toBe('[loop]\n');
    expect((await fs.readdir(dir)).sort()).toEqual(['config.toml', 'elsewhere.toml']);
  });

  it('refuses a folder of that name', async () => {
    const file = path.join(dir, 'config.toml');
    await fs.mkdir(file);
    await expect(writeTaskModels(file, { research: claude })).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
    expect(await fs.readdir(dir)).toEqual(['config.toml']);
  });

  it.skipIf(process.platform === 'win32')(
    'keeps the old settings, and nothing else, where the new ones find no room',
    async () => {
      const file = path.join(dir, 'config.toml');
      const old = `# ${'x'.repeat(70_000)}\n[loop]\n`;
      await fs.writeFile(file, old);
      const child = path.join(dir, 'bundle', 'child.cjs');
      const contents =
        `process.on('SIGXFSZ', () => {}); import { writeTaskModels } from './src/core/config'; ` +
        'writeTaskModels(process.argv[2], { research: { ' +
        `provider: 'claude' } ` +
        '}).then(() => ' +
        `'written', (error) => ` +
        'error.code).then(console.log);';
      await build({
        stdin: { contents, resolveDir: root, loader: 'ts' },
        outfile: child,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
      });
      // 60 blocks are 30,720 or 61,440 bytes, depending on the shell.
      const { stdout } = await promisify(execFile)('sh', [
        '-c',
        'ulimit -f 60; exec "$@"',
        'sh',
        process.execPath,
        child,
        file,
      ]);
      await fs.rm(path.dirname(child), { recursive: true });
      expect(stdout.trim()).toBe('DISK_FULL');
      expect(await fs.readFile(file, 'utf8')).toBe(old);
      expect(await fs.readdir(dir)).toEqual(['config.toml']);
    },
    30_000,
  );
});
