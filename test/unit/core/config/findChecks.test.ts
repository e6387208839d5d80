import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkConfig, commandWords, defaultConfigToml, findChecks, newConfigToml } from '../../../../src/core/config';

let top = '';
beforeEach(() => {
  top = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-found-'));
});
afterEach(() => {
  fs.rmSync(top, { recursive: true, force: true });
});

const write = (name: string, text: string | Uint8Array): void => {
  fs.writeFileSync(path.join(top, name), text);
};
const scripts = (names: Readonly<Record<string, string>>, more: object = {}): string =>
  JSON.stringify({ ...more, scripts: names });

async function found(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  for (const [name, text] of Object.entries(files)) write(name, text);
  return Object.fromEntries((await findChecks(top)).map(({ category, command }) => [category, command]));
}

describe('findChecks', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'npm scripts, the quick ones first',
      { 'package.json': scripts({ test: 'vitest', build: 'tsc', lint: 'eslint .', 'type-check': 'tsc', dev: 'x' }) },
      { lint: 'npm run lint', typecheck: 'npm run type-check', build: 'npm run build', test: 'npm test' },
    ],
    ['pnpm', { 'package.json': scripts({ test: 'a' }), 'pnpm-lock.yaml': '' }, { test: 'pnpm test' }],
    ['yarn', { 'package.json': scripts({ lint: 'a' }), 'yarn.lock': '' }, { lint: 'yarn run lint' }],
    ['bun', { 'package.json': scripts({ test: 'a' }), 'bun.lock': '' }, { test: 'bun run test' }],
    [
      'a declared package manager before a lock file',
      { 'package.json': scripts({ test: 'a' }, { packageManager: 'pnpm@9.1.0' }), 'package-lock.json': '' },
      { test: 'pnpm test' },
    ],
    [
      'no package manager that it does not know',
      { 'package.json': scripts({ test: 'a' }, { packageManager: 'rm -rf /@1' }), 'package-lock.json': '' },
      { test: 'npm test' },
    ],
    [
      'neither what npm init writes nor what never ends',
      {
        'package.json': scripts({
          test: 'echo "Error: no test specified" && exit 1',
          build: 'webpack --watch',
          typecheck: 'tsc -w',
          lint: 'eslint --watch=false -w x',
        }),
      },
      { lint: 'npm run lint' },
    ],
    ['Cargo', { 'Cargo.toml': '[package]\nname = "a"\n' }, { test: 'cargo test' }],
    ['a Cargo workspace', { 'Cargo.toml': '[workspace]\nmembers = ["a"]\n' }, { test: 'cargo test --workspace' }],
    ['Go', { 'go.mod': '// mine\nmodule example.com/a\n' }, { lint: 'go vet ./...', test: 'go test ./...' }],
    ['pytest in pyproject.toml', { 'pyproject.toml': '[tool.pytest.ini_options]\n' }, { test: 'pytest' }],
    ['pytest.ini with uv', { 'pytest.ini': '', 'uv.lock': '' }, { test: 'uv run pytest' }],
    ['setup.cfg with poetry', { 'setup.cfg': '[tool:pytest]\n', 'poetry.lock': '' }, { test: 'poetry run pytest' }],
    ['no Python tests', { 'pyproject.toml': '[project]\nname = "a"\n', 'setup.cfg': '[metadata]\n' }, {}],
    [
      'targets of make',
      { Makefile: 'lint = x\ncheck := a\n.PHONY: test\ntest lint: a\n\t@echo check: x\nbuild:\n# check: x\n' },
      { lint: 'make lint', test: 'make test' },
    ],
    [
      'no target of make for what another tool does',
      { Makefile: 'test:\ncheck::\n', 'go.mod': 'module a\n' },
      { lint: 'go vet ./...', check: 'make check', test: 'go test ./...' },
    ],
    ['a solution before its projects', { 'A B.sln': '', 'a.csproj': '' }, { test: "dotnet test 'A B.sln'" }],
    ['a single project', { 'a.fsproj': '' }, { test: 'dotnet test a.fsproj' }],
    ['no project where there are several', { 'a.csproj': '', 'b.csproj': '' }, {}],
    ['no name that is an option or a line of its own', { '-x.sln': '', 'a\nb.csproj': '', '$(x).csproj': '' }, {}],
    [
      'two tools beside each other',
      { 'package.json': scripts({ test: 'a' }), 'Cargo.toml': '[package]\n', 'go.mod': 'module a\n' },
      { lint: 'go vet ./...', test: 'npm test', 'test-cargo': 'cargo test', 'test-go': 'go test ./...' },
    ],
    ['nothing in an empty repository', {}, {}],
  ])('finds %s', async (_what, files, wanted) => {
    const checks = await found(files);
    expect(checks).toEqual(wanted);
    expect(Object.keys(checks)).toEqual(Object.keys(wanted));
  });

  it('follows no link, waits for no pipe, reads no large file', async () => {
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-elsewhere-'));
    try {
      fs.writeFileSync(path.join(outside, 'package.json'), scripts({ test: 'a' }));
      fs.symlinkSync(path.join(outside, 'package.json'), path.join(top, 'package.json'));
      execFileSync('mkfifo', [path.join(top, 'go.mod')]);
      write('Cargo.toml', `[package]\n${'#'.repeat(300_000)}`);
      fs.mkdirSync(path.join(top, 'a.sln'));
      fs.symlinkSync(path.join(outside, 'x'), path.join(top, 'pytest.ini'));
      expect(await findChecks(top)).toEqual([]);
      expect(await findChecks(path.join(top, 'nowhere'))).toEqual([]);
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });

  it('reads a package.json with a byte-order mark', async () => {
    expect(await found({ 'package.json': `\ufeff${scripts({ test: 'a' })}` })).toEqual({ test: 'npm test' });
  });

  const NAMES = ['package.json', 'Cargo.toml', 'go.mod', 'pyproject.toml', 'setup.cfg', 'Makefile', 'pytest.ini'];
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({ scripts: fc.dictionary(fc.constantFrom('test', 'lint', '__proto__', 'build'), fc.anything()) })
      .map((value) =>
        Buffer.from(JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? 1 : each))),
      ),
    fc
      .array(fc.constantFrom('[', ']', '{', '"', '=', ':', '\n', '\t', 'test', 'check', 'module ', 'tool', '.', '\0'))
      .map((parts) => Buffer.from(parts.join(''))),
    fc.constantFrom('[', '{"scripts":', 'a=[', '[a.', 'test ', '\n\n').map((part) => Buffer.from(part.repeat(20_000))),
  );

  it('offers for any files only plain words of known tools that config.toml takes as they are', async () => {
    const odd = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .filter((name) => !/[/\0]|\p{Surrogate}/u.test(name))
      .map((name) => `${name}.csproj`);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), odd), hostile, { maxKeys: 4, noNullPrototype: true }),
        async (files) => {
          fs.rmSync(top, { recursive: true, force: true });
          fs.mkdirSync(top);
          for (const [name, bytes] of Object.entries(files)) write(name, bytes);
          const checks = await findChecks(top);
          for (const { command, words, from } of checks) {
            expect(commandWords(command)).toEqual({ ok: true, file: words[0], args: words.slice(1) });
            expect(['npm', 'cargo', 'go', 'pytest', 'dotnet', 'make']).toContain(words[0]);
            expect(command).not.toMatch(/[\p{C}]/u);
            expect(Object.keys(files)).toContain(from);
          }
          const chosen = Object.fromEntries(checks.map(({ category, command }) => [category, command]));
          expect(Object.keys(chosen)).toHaveLength(checks.length);
          const { config, problems } = checkConfig(newConfigToml('x', { checks: chosen }));
          expect(problems).toEqual([]);
          expect(config?.checks).toMatchObject(chosen);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('newConfigToml', () => {
  const read = (text: string) => checkConfig(text).config;

  it('is the default without choices', () => {
    expect(newConfigToml('a')).toBe(defaultConfigToml('a'));
    expect(newConfigToml('a', { checks: {}, agents: [] })).toBe(defaultConfigToml('a'));
  });

  it('gives one agent every task', () => {
    const models = read(newConfigToml('a', { agents: ['codex'] }))?.task_models;
    expect(models).toMatchObject({ implementation: { provider: 'codex' }, plan_review: { provider: 'codex' } });
  });

  it('lets the second of two agents review', () => {
    const models = read(newConfigToml('a', { agents: ['claude', 'codex'] }))?.task_models;
    expect(models).toMatchObject({
      plan_generation: { provider: 'claude' },
      implementation: { provider: 'claude' },
      fix_generation: { provider: 'claude' },
      research_review: { provider: 'codex' },
      plan_review: { provider: 'codex' },
      implementation_review: { provider: 'codex' },
    });
  });

  it.each([
    [{ '../a': 'npm test' }, /cannot name a file/u],
    [{ test: 'a && b' }, /only a shell understands/u],
    [{ test: ' ' }, /has no command/u],
    [{ timeout_seconds: 'x' }, /has to be a number/u],
  ])('refuses %j', (checks, why) => {
    expect(() => newConfigToml('a', { checks })).toThrow(why);
  });
});
