import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RedactedStream, Redactor } from '../../../../../src/core/agents/cli/redact';

const KEY = 'sk-ant-api03-AbCdEfGh_0123456789-zz';
const OWN = 'plain words as a password';
const redactor = new Redactor({ ANTHROPIC_API_KEY: KEY, OPENAI_AUTH_TOKEN: OWN, CLAUDE_CODE_MAX_OUTPUT_TOKENS: '32000', HTTPS_PROXY: 'http://ada:proxy-pass-word@proxy:8080', PATH: '/usr/bin' });

describe('redaction', () => {
  test('hides the values of secret variables and what looks like a key', () => {
    expect(redactor.clean(`a ${KEY} b ${OWN} c`)).toBe('a *** b *** c');
    expect(redactor.clean('the proxy takes proxy-pass-word')).toBe('the proxy takes ***');
    for (const word of ['ghp_0123456789abcdef', 'github_pat_11ABCDEFG0123', 'glpat-0123456789abcd', 'xoxb-123456789012', 'AKIAIOSFODNN7EXAMPLE', 'sk-proj-0123456789', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF'])
      expect(redactor.clean(`say ${word}.`), word).toBe('say ***.');
  });

  test('hides the values of headers, each by itself and without its scheme', () => {
    const headers = new Redactor({ ANTHROPIC_CUSTOM_HEADERS: 'X-Gateway: gateway-pass\nProxy-Authorization: Bearer bearer-pass' });
    expect(headers.clean('gateway-pass and Bearer bearer-pass and bearer-pass')).toBe('*** and *** and ***');
  });

  test('leaves settings and ordinary words alone', () => {
    const text = 'Run /usr/bin with 32000 tokens; the task-skeleton asks for sk- and a risk-based key.';
    expect(redactor.clean(text)).toBe(text);
  });

  test('reaches every text inside a value', () => {
    expect(redactor.cleanValue({ issues: [{ hint: `use ${KEY}`, line: 3, [OWN]: null }] })).toEqual({ issues: [{ hint: 'use ***', line: 3, '***': null }] });
  });

  test('a stream shows what the whole text would show, wherever it is cut', () => {
    const word = fc.constantFrom(KEY, OWN, 'ghp_0123456789abcdef', 'sk-', 's', 'plain words', 'plain words as a', ' ', '.\n', 'ordinary', 'eyJ', 'AKIA');
    fc.assert(fc.property(fc.array(word), fc.array(fc.nat()), (words, places) => {
      const text = words.join(' ');
      const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
      let shown = '';
      const stream = new RedactedStream(redactor, (piece) => { shown += piece; });
      [0, ...at].forEach((from, i) => { stream.push(text.slice(from, at[i] ?? text.length)); });
      stream.flush();
      expect(shown).toBe(redactor.clean(text));
    }), { numRuns: 500 });
  });

  test('a stream holds back no more than it must', () => {
    let shown = '';
    new RedactedStream(redactor, (piece) => { shown += piece; }).push('Everything is done.');
    expect(shown).toBe('Everything is done.');
  });
});
