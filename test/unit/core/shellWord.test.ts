import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gitFailure } from '../../../src/core/git/runGit';
import { shellWord } from '../../../src/core/util/text';

test('any word is one word of sh, and itself', () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'binary', minLength: 1 })
        .filter((word) => !word.includes('\0') && !/[\ud800-\udfff]/u.test(word)),
      (word) => {
        expect(execFileSync('sh', ['-c', `printf '[%s]' ${shellWord(word)}`], { encoding: 'utf8' })).toBe(`[${word}]`);
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  ['/home/me/clone', '/home/me/clone'],
  ['main', 'main'],
  ['-x', "'-x'"],
  ['a;curl x|sh', "'a;curl x|sh'"],
  ['$(id)', "'$(id)'"],
  ["it's", String.raw`'it'\''s'`],
  ['', "''"],
])('%j', (word, shown) => {
  expect(shellWord(word)).toBe(shown);
});

test('a repository of another user cannot put a command into the line that makes it safe', () => {
  const stderr = Buffer.from("fatal: detected dubious ownership in repository at '/tmp/a;touch b'\n");
  const failed = gitFailure('rev-parse', {
    ended: { how: 'exited', exitCode: 128 },
    exitCode: 128,
    stdout: Buffer.alloc(0),
    stderr,
    truncated: false,
    durationMs: 1,
  } as unknown as Parameters<typeof gitFailure>[1]);
  expect(failed.message).toContain("safe.directory '/tmp/a;touch b'");
});
