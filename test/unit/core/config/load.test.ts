import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkConfig, defaultConfigToml, describeConfig, loadConfig } from '../../../../src/core/config';

let dir = '';
beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-config-'));
});
afterEach(async () => {
  await fs.rm(dir, { recursive: true, force: true });
});

const write = async (text: string): Promise<string> => {
  const file = path.join(dir, 'config.toml');
  await fs.writeFile(file, text);
  return file;
};

describe('loadConfig', () => {
  it('gives defaults where there is no file', async () => {
    const loaded = await loadConfig(path.join(dir, 'config.toml'));
    expect(loaded.config.loop).toEqual({ max_iterations: 5, fail_on_blockers_only: true });
    expect(loaded.config.checks).toEqual({ timeout_seconds: 600 });
    expect(loaded.config.gate).toEqual({
      tests: 'warn',
      scope: 'warn',
      protected: 'ask',
      ignored: 'warn',
      protected_paths: [],
      baseline: false,
    });
    expect(loaded.hash).toBe(createHash('sha256').update('').digest('hex'));
  });

  it('reads what it is given, with the hash of its bytes', async () => {
    const text =
      '\ufeff[checks]\r\ntest = "npm test"\r\norder = ["test"]\r\n[task_models]\r\nresearch = { provider = ' +
      '"codex", model = "m" }\r\n';
    const loaded = await loadConfig(await write(text));
    expect(loaded.problems).toEqual([]);
    expect(loaded.config.checks).toEqual({ timeout_seconds: 600, test: 'npm test', order: ['test'] });
    expect(loaded.config.task_models.research).toEqual({ provider: 'codex', model: 'm' });
    expect(loaded.hash).toBe(createHash('sha256').update(Buffer.from(text)).digest('hex'));
  });

  it.each([
    ['a syntax error', '[loop]\nmax_iterations = \n', /line 2, column 18: The TOML is not valid/u],
    [
      'a wrong type',
      '[loop]\nmax_iterations = "3"\n',
      /line 2, column 1: "loop\.max_iterations" has to be a number\./u,
    ],
    [
      'a wrong value',
      '[codex]\nsandbox = "none"\n',
      /"codex\.sandbox" has to be one of "read-only", "workspace-write"\./u,
    ],
    [
      'an unknown word of the gate',
      '[gate]\nprotected = "aks"\n',
      /"gate\.protected" has to be one of "block", "ask", "warn", "off"\./u,
    ],
    [
      'a path of the gate that is no list',
      '[gate]\nprotected_paths = "deploy/**"\n',
      /"gate\.protected_paths" has to be a list of texts\./u,
    ],
    ['a category that is no file name', '[checks]\n"../x" = "true"\n', /"\.\.\/x" cannot name a file/u],
    ['a category of dots', '[checks]\n".." = "true"\n', /"\.\." cannot name a file/u],
    ['a category with a slash', '[checks]\n"a/b" = "true"\n', /"a\/b" cannot name a file/u],
    ['a category with a trailing dot', '[checks]\n"test." = "true"\n', /"test\." ends with a dot/u],
    ['a device', '[checks]\ncon = "true"\n', /"con" is the name of a device/u],
    ['a device with an ending', '[checks]\n"NUL.txt" = "true"\n', /"NUL\.txt" is the name of a device/u],
    ['two that differ in case alone', '[checks]\ntest = "true"\nTest = "true"\n', /"Test" only in case/u],
    ['a name that JavaScript would lose', '[checks]\n"__proto__" = "false"\n', /"__proto__" is a reserved word/u],
    ['a check without a command', '[checks]\ntest = " "\n', /"test" has no command/u],
    [
      'an entry without its provider',
      '[task_models]\nresearch = { model = "m" }\n',
      /"task_models\.research\.provider" is missing/u,
    ],
  ])('refuses %s with its place', async (_name, text, message) => {
    await expect(loadConfig(await write(text))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says that a folder is no file', async () => {
    await fs.mkdir(path.join(dir, 'config.toml'));
    await expect(loadConfig(path.join(dir, 'config.toml'))).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
  });
});

describe('checkConfig', () => {
  it.each([
    [
      'an unknown key',
      '[loop]\nmax_iteratons = 3\n',
      'loop.max_iteratons',
      /^Unknown key "max_iteratons" in \[loop\] \(did you mean "max_iterations"\?\)$/u,
    ],
    ['an unknown condition', '[gate]\nprotcted = "block"\n', 'gate.protcted', /did you mean "protected"/u],
    ['an unknown table', '[lop]\nx = 1\n', 'lop', /^Unknown key "lop" \(did you mean "loop"\?\)$/u],
    [
      'an unknown task',
      '[task_models]\nimplementaton = { provider = "claude" }\n',
      'task_models.implementaton',
      /did you mean "implementation"/u,
    ],
    [
      'an unknown key of a task',
      '[task_models]\nresearch = { provider = "claude", mdel = "x" }\n',
      'task_models.research.mdel',
      /did you mean "model"/u,
    ],
    ['the old name of a check', '[checks]\ncommand = "npm test"\n', 'checks.command', /the old way/u],
    ['a command of two lines', '[checks]\ntest = """\na\nb\n"""\n', 'checks.test', /more than one line/u],
    ['a command that only a shell could run', '[checks]\ntest = "a;b"\n', 'checks.test', /only a shell/u],
    [
      'an order of checks that are not there',
      '[checks]\ntest = "x"\norder = ["tets"]\n',
      'checks.order',
      /did you mean "test"/u,
    ],
    ['a key that is dangerous in JavaScript', '[loop]\n__proto__ = 3\n', 'loop.__proto__', /Unknown key/u],
  ])('reports %s and goes on', (_name, text, key, message) => {
    const { config, problems } = checkConfig(text);
    expect(config).not.toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'warning', key, message: expect.stringMatching(message) as string });
    expect(problems[0]?.line).toBeGreaterThan(0);
  });

  it('finds nothing wrong with its own default', () => {
    expect(checkConfig(defaultConfigToml('a "name"\\'))).toMatchObject({
      problems: [],
      config: { project: { name: 'a "name"\\' } },
    });
  });

  it.each([
    [
      '10,000 inline tables in each other',
      `[checks]\nx = ${'{a='.repeat(10_000)}1${'}'.repeat(10_000)}`,
      /nested structures\.$/u,
    ],
    [
      '900 inline tables in each other',
      `[checks]\nx = ${'{a='.repeat(900)}1${'}'.repeat(900)}`,
      /"checks\.x" has to be a text in quotes/u,
    ],
    ['90,000 lists in each other', `x = ${'['.repeat(90_000)}`, /nested structures\.$/u],
    ['a key of 40,000 parts', `[loop]\n${'a.'.repeat(40_000)}a = 1`, /Unknown key "a" in \[loop\]/u],
    ['a name of 90,000 letters', `${'max_iterations'.repeat(6_400)} = 1`, /^Unknown key "max_iterations/u],
    [
      '9,000 unknown keys',
      `[loop]\n${Array.from({ length: 9_000 }, (_, at) => `k${at} = 1`).join('\n')}`,
      /Unknown key "k0"/u,
    ],
    [
      '4,000 checks and an order of others',
      `[checks]\n${Array.from({ length: 4_000 }, (_, at) => `c${at} = "x"`).join('\n')}\norder = ` +
        `[${Array.from({ length: 2_000 }, (_, at) => `"d${at}"`).join(',')}]`,
      /"order" names "d0", which is not a check/u,
    ],
    [
      'a line of 10 MB',
      `x = "${'x'.repeat(10_000_000)}"`,
      /^The settings are 10,000,006 characters long; at most 100,000 are read\.$/u,
    ],
    ['50 MB of lines', 'x = 1\n'.repeat(8_000_000), /at most 100,000 are read/u],
    ['lone surrogates', '[loop]\n"\ud800" = "\udc00"', /Unknown key/u],
  ])(
    'ends soon and says what is wrong with %s',
    (_name, text, message) => {
      expect(checkConfig(text).problems[0]?.message).toMatch(message);
    },
    20_000,
  );

  it('names the place of the part that is wrong in a dotted key', () => {
    for (const [text, line, column] of [
      ['[task_models]\nimplementaton.provider = "manual"', 2, 1],
      ['[lop.inner]\nx = 1', 1, 2],
      ['loop . max_iteratons = 3', 1, 8],
    ] as const)
      expect(checkConfig(text).problems).toMatchObject([{ line, column }]);
  });

  it('never throws, whatever the text', () => {
    const names = [...describeConfig().children.values()].flatMap((table) => [table.key, ...table.children.keys()]);
    const word = fc.oneof(
      fc.constantFrom(
        '[',
        ']',
        '=',
        '"',
        "'",
        '"""',
        '{',
        '}',
        '.',
        ',',
        '\n',
        '\r\n',
        ' ',
        '#',
        '1',
        'true',
        ...names,
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const { config, problems } = checkConfig(words.join(''));
        expect(config === null).toBe(problems.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 500 },
    );
  });
});
