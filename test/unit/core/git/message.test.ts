import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageWith } from '../../../../src/core/git/makeCommit';
import { some } from '../../../support/deep';
import { withCommit } from './support';

const RUN = { key: 'Weld-Run', value: '.weld/runs/20260105-120000-x' };
const LINE = `${RUN.key}: ${RUN.value}`;
const SCISSORS = '# ------------------------ >8 ------------------------';

describe('a message with trailers', () => {
  test.each([
    ['Subject', `Subject\n\n${LINE}\n`],
    ['Fix: the subject looks like one', `Fix: the subject looks like one\n\n${LINE}\n`],
    ['Subject\n\nBody\n\n# a comment', `Subject\n\nBody\n\n# a comment\n\n${LINE}\n`],
    ['Subject\n\n; one\n; two', `Subject\n\n; one\n; two\n\n${LINE}\n`],
    ['Merge x\n\nConflicts:\n\ta.txt\n\tb.txt\n', `Merge x\n\nConflicts:\n\ta.txt\n\tb.txt\n\n${LINE}\n`],
    ['Merge x\n\n# Conflicts:\n#\ta.txt', `Merge x\n\n# Conflicts:\n#\ta.txt\n\n${LINE}\n`],
    ['Subject\n\nSigned-off-by: me <m@x>\n\n', `Subject\n\nSigned-off-by: me <m@x>\n${LINE}\n`],
    [
      'Subject\n\nNote: long\n  and longer\n(cherry picked from commit 1234567)',
      `Subject\n\nNote: long\n  and longer\n(cherry picked from commit 1234567)\n${LINE}\n`,
    ],
    ['Subject\n\nhttps://example.com', `Subject\n\nhttps://example.com\n\n${LINE}\n`],
    [`Subject\n\n${LINE}\n`, `Subject\n\n${LINE}\n`],
    ['\r\n\r\nSubject  \r\n\r\n\r\nBody\t\r\n', `Subject\n\nBody\n\n${LINE}\n`],
    [`Subject\n\n${SCISSORS}\nbelow`, `Subject\n\n ${SCISSORS}\nbelow\n\n${LINE}\n`],
  ])('%j', (message, expected) => {
    expect(messageWith(message, [RUN])).toBe(expected);
  });

  test('is none without a word, with a NUL, or with a key that is none', () => {
    expect(() => messageWith(' \n', [])).toThrow('empty');
    expect(() => messageWith('a\0b', [])).toThrow('NUL');
    expect(() => messageWith('a', [{ key: 'x y', value: '' }])).toThrow('trailer');
    expect(() => messageWith('a', [{ key: 'x', value: 'a\nb' }])).toThrow('trailer');
  });

  test('ends with them, in a paragraph of trailers alone, whatever it was', () => {
    const piece = fc.constantFrom(
      '# x',
      '',
      'Conflicts:',
      '\ta',
      SCISSORS,
      'Key: value',
      '; x',
      '---',
      'words',
      ' indented',
      'diff --git a/x b/x',
      '>8',
      '\r',
      'Signed-off-by: me <m@x>',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { minLength: 1, maxLength: 12 }), (lines) => {
        const message = lines.join('\n');
        fc.pre(message.trim() !== '' && !message.includes('\0'));
        const found = messageWith(message, [RUN, { key: 'Other', value: 'o' }]).split('\n');
        expect(found.at(-1)).toBe('');
        const block = found.slice(found.slice(0, -1).lastIndexOf('') + 1, -1);
        expect(block.every((line) => /^(?:[A-Za-z0-9-]+: \S|\s|\(cherry)/u.test(line))).toBe(true);
        expect(block).toEqual(expect.arrayContaining([LINE, 'Other: o']));
      }),
    );
  });
});

describe('committed with settings of the person', () => {
  const message = `Größe\n\nBody\n\n# Conflicts:\n#\ta.txt\n\n${SCISSORS}\n;x\n@x\n!x\n$x\n%x\n^x\n&x\n|x\n:x`;
  test.each(
    some([
      ['none', {}],
      ['another encoding', { 'i18n.commitEncoding': 'ISO-8859-1', 'i18n.logOutputEncoding': 'UTF-8' }],
      ['comments of its own', { 'core.commentChar': 'W' }],
      ['a comment character to be found', { 'core.commentChar': 'auto' }],
      ['cleaning', { 'commit.cleanup': 'scissors' }],
      ['stripping', { 'commit.cleanup': 'strip' }],
      ['the difference below the message', { 'commit.verbose': 'true' }],
      ['a template', { 'commit.template': '/nowhere/at-all' }],
      ['an editor', { 'core.editor': 'false' }],
      [
        'trailers elsewhere',
        { 'trailer.where': 'start', 'trailer.ifexists': 'replace', 'trailer.ifmissing': 'doNothing' },
      ],
      ['a trailer of another name', { 'trailer.Weld-Run.key': 'Nothing= ' }],
      [
        'trailers that run commands',
        {
          'trailer.x.key': 'X',
          'trailer.x.ifmissing': 'add',
          'trailer.x.command': 'touch ran',
          'trailer.Weld-Run.cmd': 'touch ran; echo no',
        },
      ],
    ]),
  )('%s: the message is as it was, the trailers at its end', async (_, settings) => {
    const here = await withCommit();
    for (const [name, value] of Object.entries(settings)) await here.git('config', name, value);
    here.write('a.txt', 'x');
    await here.repository.commit(here.lock, { message, what: 'all', trailers: [RUN] });
    const raw = await here.git('cat-file', 'commit', 'HEAD');
    expect(raw).not.toContain('\nencoding ');
    expect(raw.slice(raw.indexOf('\n\n') + 2)).toBe(messageWith(message, [RUN]).trimEnd());
    if (!('core.commentChar' in settings))
      expect(
        await here.git(
          '-c',
          'trailer.Weld-Run.key=Weld-Run',
          'log',
          '-1',
          '--format=%(trailers:key=Weld-Run,valueonly)',
        ),
      ).toBe(RUN.value);
    expect(here.has('ran')).toBe(false);
  });

  test('a signing program that wants a terminal does not hang', async () => {
    const here = await withCommit();
    here.write('.git/sign', '#!/bin/sh\nread answer < /dev/tty || { echo "no terminal to ask on" >&2; exit 2; }\n');
    await here.git('config', 'commit.gpgSign', 'true');
    await here.git('config', 'gpg.program', `${here.top}/.git/sign`);
    (await import('node:fs')).chmodSync(`${here.top}/.git/sign`, 0o755);
    here.write('a.txt', 'x');
    await expect(here.repository.commit(here.lock, { message: 'x', what: 'all', trailers: [] })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });
});
