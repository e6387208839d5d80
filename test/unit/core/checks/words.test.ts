import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCommands, splitCommand } from '../../../../src/core/checks/words';
import { ConfigSchema } from '../../../../src/core/config/schema';
import { WeldError } from '../../../../src/core/errors';

describe('splitCommand', () => {
  test.each([
    ['npm test', ['npm', 'test']],
    [`sh -c 'a && b | c > d; e'`, ['sh', '-c', 'a && b | c > d; e']],
    ['grep -E "a|b;c" x', ['grep', '-E', 'a|b;c', 'x']],
    ['tool --name="two words" -x', ['tool', '--name=two words', '-x']],
    ['pytest -k a|b', ['pytest', '-k', 'a|b']],
    ['env A=b cmd --set=x', ['env', 'A=b', 'cmd', '--set=x']],
    ['./run.sh $HOME *.ts', ['./run.sh', '$HOME', '*.ts']],
    ['  padded   out ', ['padded', 'out']],
  ])('%s', (command, words) => {
    const { file, args } = splitCommand('c', command);
    expect([file, ...args]).toEqual(words);
  });

  test.each([
    ['a && b', '"&&"'], ['a || b', '"||"'], ['a | b', '"|"'], ['a ; b', '";"'], ['a; b', '";"'], ['a > out', '">"'], ['a >> out', '">>"'], ['a 2>&1', '"2>&1"'],
    ['a >out', '">out"'], ['a < in', '"<"'], ['a &', '"&"'], ['a $(b)', '"$("'], ['a `b`', '"`"'], ['a&&b', '"&&"'],
    ['A=1 cmd', 'env'], ['a "b', 'quote'], ['', 'no command'], ['   ', 'no command'], ['""', 'no command'],
  ])('refuses %s', (command, why) => {
    expect(() => splitCommand('lint', command)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) as string }) as Error);
  });

  test('any text gives words or a sentence', () => {
    fc.assert(fc.property(fc.string(), (command) => {
      try {
        expect(splitCommand('c', command).file).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(WeldError);
      }
    }));
  });
});

test('order first, then as the file has them; names that are no check are not run', () => {
  const config = ConfigSchema.parse({ checks: { unit: 'u', lint: 'l', types: 't', order: ['types', 'nope', 'lint', 'types'], timeout_seconds: 3 } });
  expect(checkCommands(config).map((check) => check.category)).toEqual(['types', 'lint', 'unit']);
  expect(checkCommands(ConfigSchema.parse({}))).toEqual([]);
});
