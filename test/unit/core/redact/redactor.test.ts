import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RedactedStream, Redactor } from '../../../../src/core/redact';

const KEY = 'sk-ant-api03-AbCdEfGh_0123456789-zz';
const OWN = 'plain words as a password';
const redactor = new Redactor({
  ANTHROPIC_API_KEY: KEY,
  OPENAI_AUTH_TOKEN: OWN,
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: '32000',
  HTTPS_PROXY: 'http://ada:proxy-pass-word@proxy:8080',
  PATH: '/usr/bin',
});

describe('redaction', () => {
  test('hides the values of secret variables and what looks like a key', () => {
    expect(redactor.clean(`a ${KEY} b ${OWN} c`)).toBe('a *** b *** c');
    expect(redactor.clean('the proxy takes proxy-pass-word')).toBe('the proxy takes ***');
    for (const word of [
      'ghp_0123456789abcdef',
      'github_pat_11ABCDEFG0123',
      'glpat-0123456789abcd',
      'xoxb-123456789012',
      'AKIAIOSFODNN7EXAMPLE',
      'sk-proj-0123456789',
      'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF',
    ])
      expect(redactor.clean(`say ${word}.`), word).toBe('say ***.');
  });

  test('hides the values of headers, each by itself and without its scheme', () => {
    const headers = new Redactor({
      ANTHROPIC_CUSTOM_HEADERS: 'X-Gateway: gateway-pass\nProxy-Authorization: Bearer bearer-pass',
    });
    expect(headers.clean('gateway-pass and Bearer bearer-pass and bearer-pass')).toBe('*** and *** and ***');
  });

  test('leaves settings and ordinary words alone', () => {
    const text = 'Run /usr/bin with 32000 tokens; the task-skeleton asks for sk- and a risk-based key.';
    expect(redactor.clean(text)).toBe(text);
  });

  test.each([
    ['GitLab', 'glpat-0123456789abcdefghij'],
    ['Slack', 'xoxb-1234567890-abcdefghij'],
    ['Amazon', 'AKIAIOSFODNN7EXAMPLE'],
    ['Google', 'AIzaSyA1234567890abcdefghijklmnopqrstuv'],
    ['npm', 'npm_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['Stripe', 'sk_live_0123456789abcdef'],
    ['Hugging Face', 'hf_abcdefghijklmnopqrstuvwx'],
    ['SendGrid', 'SG.abcdefghijklmnopqrst.abcdefghijklmnopqrst'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEabc+/=\nAAAA\n-----END RSA PRIVATE KEY-----'],
    ['a key that breaks off', '-----BEGIN PRIVATE KEY-----\nMIIEabc'],
  ])('hides a key of %s', (_name, key) => {
    expect(redactor.clean(`before "${key}" after`)).toBe('before "***" after');
    expect(redactor.clean(key)).toBe('***');
  });

  test('hides what stands behind the name of a secret', () => {
    expect(redactor.clean('curl -H "Authorization: Bearer abc123" x')).toBe('curl -H "Authorization: ***" x');
    expect(redactor.clean('authorization: Basic dXNlcjpwYXNz')).toBe('authorization: ***');
    expect(redactor.clean('Bearer 0123456789abcdef')).toBe('Bearer ***');
    expect(redactor.clean('AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG')).toBe('AWS_SECRET_ACCESS_KEY=***');
    expect(redactor.clean('postgres://ada:pass-word@db:5432/x')).toBe('postgres://ada:***@db:5432/x');
  });

  test.each([
    ['a digest', 'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['a commit', 'commit 5b7e1c1f0a9d4c3b2a1908f7e6d5c4b3a2918070'],
    ['an id', '3f0c6c1e-8d0b-4d0c-9d36-0c9f4f1f2a3b'],
    [
      'an image',
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    ],
    ['an integrity', 'sha512-q5Ma0GBdzl3hDPOe5Y0yZ0m3kzvVQf0eYmdhLrEGJvGmUzHUKZ5bC8yYwGqvsD1e9g9QW2rPpMzp6VvIF1c8kQ=='],
    ['code', 'const token = parseToken(text); if (!auth.key) throw new Error("key");'],
    ['prose', 'A basic functionality needs bearer authentication, and a risk-based mask-like task.'],
    ['a test', '✓ hides API_KEY=value (12 ms)'],
    ['an address', 'see https://example.com:8080/a@b and git@github.com:a/b.git'],
    ['a name', 'AUTHOR=Ada Lovelace'],
    ['a class', 'class Task-sk {}; .disk-space-used-by-all { }'],
    ['a translation', 'npm_config_registry=https://registry.npmjs.org/'],
  ])('leaves %s readable', (_name, text) => {
    expect(redactor.clean(text)).toBe(text);
  });

  test('leaves names of people and places alone', () => {
    const named = new Redactor({
      GIT_AUTHOR_NAME: 'Ada Lovelace',
      SSH_AUTH_SOCK: '/tmp/ssh-agent/sock',
      MONKEY_BUSINESS: 'everything',
      KEYBOARD: 'de-nodeadkeys',
    });
    expect(named.clean('Ada Lovelace /tmp/ssh-agent/sock everything de-nodeadkeys')).toBe(
      'Ada Lovelace /tmp/ssh-agent/sock everything de-nodeadkeys',
    );
  });

  test.each([
    'eyJ-',
    'eyJ',
    'eyJa.',
    'sk-',
    'Bearer ',
    'Authorization: ',
    'x://',
    'A_TOKEN=',
    'TOKEN_',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'a',
    ' ',
    '\n',
    'SG.',
    'x:y@',
  ])('takes a moment on a long text of "%s"', (piece) => {
    const began = performance.now();
    const text = piece.repeat(Math.floor(300_000 / piece.length));
    redactor.clean(text);
    const stream = new RedactedStream(redactor, () => undefined);
    for (let at = 0; at < text.length; at += 1000) stream.push(text.slice(at, at + 1000));
    stream.flush();
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test('what was JSON is still JSON', () => {
    const piece = fc.constantFrom(
      KEY,
      'Authorization: Bearer abc123',
      'x://u:pass@h',
      '-----BEGIN PRIVATE KEY-----\nMII\n',
      '-----END PRIVATE KEY-----',
      '"',
      '\\',
      "'",
      '\n',
      ' ',
      'A_TOKEN=abcdef012345',
      'eyJa.b',
      '-----BEGIN PRIVATE KEY-----',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const value = pieces.join('');
        expect(typeof JSON.parse(redactor.clean(JSON.stringify({ a: value, b: JSON.stringify(value) })))).toBe(
          'object',
        );
      }),
      { numRuns: 500 },
    );
  });

  test('reaches every text inside a value', () => {
    expect(redactor.cleanValue({ issues: [{ hint: `use ${KEY}`, line: 3, [OWN]: null }] })).toEqual({
      issues: [{ hint: 'use ***', line: 3, '***': null }],
    });
  });

  test('a stream shows what the whole text would show, wherever it is cut', () => {
    const word = fc.constantFrom(
      KEY,
      OWN,
      'ghp_0123456789abcdef',
      'sk-',
      's',
      'plain words',
      'plain words as a',
      ' ',
      '.\n',
      'ordinary',
      'eyJ',
      'AKIA',
      'Bearer 0123456789',
      'Bearer',
      'Authorization: abcd',
      'A_TOKEN=abcdef0123456',
      'x://u:pass-word@h',
      '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----',
      'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF',
    );
    fc.assert(
      fc.property(fc.array(word), fc.array(fc.nat()), (words, places) => {
        const text = words.join(' ');
        const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
        let shown = '';
        const stream = new RedactedStream(redactor, (piece) => {
          shown += piece;
        });
        [0, ...at].forEach((from, i) => {
          stream.push(text.slice(from, at[i] ?? text.length));
        });
        stream.flush();
        expect(shown).toBe(redactor.clean(text));
      }),
      { numRuns: 500 },
    );
  });

  test('a stream hides a secret that is longer than what it holds back', () => {
    let shown = '';
    const stream = new RedactedStream(redactor, (piece) => {
      shown += piece;
    });
    for (let i = 0; i < 100; i++) stream.push(i === 0 ? 'say sk-0123456789' : 'abcdefghij'.repeat(30));
    stream.push(' done');
    stream.flush();
    expect(shown).toBe('say *** done');
  });

  test('a stream holds back no more than it must', () => {
    let shown = '';
    new RedactedStream(redactor, (piece) => {
      shown += piece;
    }).push('Everything is done.');
    expect(shown).toBe('Everything is done.');
  });
});
