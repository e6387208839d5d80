import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCommands, splitCommand } from '../../../../src/core/checks/checkCommands';
import { commandWords } from '../../../../src/core/config';
import { ConfigSchema } from '../../../../src/core/config/schema';
import { WeldError } from '../../../../src/core/util/errors';

describe('splitCommand', () => {
  test.each([
    ['npm test', ['npm', 'test']],
    [`sh -c 'a && b | c > d; e'`, ['sh', '-c', 'a && b | c > d; e']],
    ['grep -E "a|b;c" x', ['grep', '-E', 'a|b;c', 'x']],
    ['tool --name="two words" -x', ['tool', '--name=two words', '-x']],
    ['pytest -k "a|b"', ['pytest', '-k', 'a|b']],
    [String.raw`grep "say \"hi\"" a`, ['grep', 'say "hi"', 'a']],
    [String.raw`echo 'it'\''s'`, ['echo', "it's"]],
    [String.raw`a b\ c \;`, ['a', 'b c', ';']],
    [String.raw`a "b\c" 'd\e' "\$x"`, ['a', String.raw`b\c`, String.raw`d\e`, '$x']],
    [`a '' ""`, ['a', '', '']],
    ['a b#c', ['a', 'b#c']],
    ['\n  npm test\n', ['npm', 'test']],
    ['env A=b cmd --set=x', ['env', 'A=b', 'cmd', '--set=x']],
    ['./run.sh $HOME *.ts', ['./run.sh', '$HOME', '*.ts']],
    ['  padded   out ', ['padded', 'out']],
  ])('%s', (command, words) => {
    const { file, args } = splitCommand('c', command);
    expect([file, ...args]).toEqual(words);
  });

  test.each([
    ['a && b', '"&&"'],
    ['a || b', '"||"'],
    ['a | b', '"|"'],
    ['a ; b', '";"'],
    ['a; b', '";"'],
    ['a > out', '">"'],
    ['a >> out', '">>"'],
    ['a 2>&1', '"2>&1"'],
    ['a >out', '">out"'],
    ['a < in', '"<"'],
    ['a &', '"&"'],
    ['a $(b)', '"$("'],
    ['pytest -k a|b', '"|"'],
    ['a;b', '";"'],
    ['a |& b', '"|&"'],
    ['a|&b', '"|&"'],
    ['a>b', '">b"'],
    ['a 2>b', '"2>b"'],
    ['a b>>c', '">>c"'],
    ['a<b', '"<b"'],
    ['a &>b', '"&>b"'],
    ['(a)', '"("'],
    ['a # b', 'comment'],
    ['# a', 'comment'],
    ['a #', 'comment'],
    ['a\nb', 'more than one line'],
    ['a\r\nb', 'more than one line'],
    ['a \\\n b', 'more than one line'],
    ['a\0b', 'NUL'],
    ['a \\', 'backslash'],
    ['a "$(b)"', 'single quotes'],
    ['a "`b`"', 'single quotes'],
    ['! a', '"!"'],
    ['cd x', '"cd"'],
    ['if a', '"if"'],
    ["a 'b", 'quote'],
    [String.raw`a "b\"`, 'quote'],
    ['a `b`', '"`"'],
    ['a&&b', '"&&"'],
    ['A=1 cmd', 'env'],
    ['a "b', 'quote'],
    ['', 'no command'],
    ['   ', 'no command'],
    ['""', 'no command'],
  ])('refuses %s', (command, why) => {
    expect(() => splitCommand('lint', command)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) as string }) as Error,
    );
  });

  test('words are those of sh', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      ' ',
      '  ',
      '\t',
      "'",
      '"',
      '\\',
      '\\\\',
      "'\\''",
      '\\"',
      ';',
      '|',
      '&',
      '>',
      '<',
      '#',
      '(',
      ')',
      '=',
      '%',
      ',',
      '-',
      '.',
      '/',
      '2',
      '\n',
      'é',
      '\u00a0',
    );
    const commands: string[] = [];
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const command = pieces.join('');
        if (commandWords(command).ok) commands.push(command);
      }),
      { numRuns: 3000 },
    );
    expect(commands.length).toBeGreaterThan(200);
    // How one shell splits all commands: each word ends with a NUL, and each command with a newline.
    const script = commands.map((command) => `printf '%s\\0' ${command.trim()}; printf '\\n\\0'`).join('\n');
    const told = execFileSync('sh', ['-f', '-c', script])
      .toString('utf8')
      .split('\n\0')
      .slice(0, -1)
      .map((words) => words.split('\0').slice(0, -1));
    expect(told).toEqual(
      commands.map((command) => {
        const words = commandWords(command);
        return words.ok ? [words.file, ...words.args] : [];
      }),
    );
  });

  test('a long command is split in a moment', () => {
    const began = performance.now();
    for (const long of [
      'a '.repeat(50_000),
      `a ${'"'.repeat(100_000)}`,
      `a ${'\\'.repeat(100_000)}`,
      `a ${'\\"'.repeat(50_000)}`,
      `${'1'.repeat(100_000)}>`,
    ])
      commandWords(long);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('any text gives words or a sentence', () => {
    fc.assert(
      fc.property(fc.string(), (command) => {
        try {
          expect(splitCommand('c', command).file).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(WeldError);
        }
      }),
    );
  });
});

test('order first, then as the file has them; names that are no check are not run', () => {
  const config = ConfigSchema.parse({
    checks: { unit: 'u', lint: 'l', types: 't', order: ['types', 'nope', 'lint', 'types'], timeout_seconds: 3 },
  });
  expect(checkCommands(config).map((check) => check.category)).toEqual(['types', 'lint', 'unit']);
  expect(checkCommands(ConfigSchema.parse({}))).toEqual([]);
});
