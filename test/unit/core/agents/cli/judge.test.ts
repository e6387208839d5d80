import { describe, expect, test } from 'vitest';
import { FAILURES } from '../../../../../src/core/agents/agent';
import {
  type Evidence,
  failureSentence,
  judge,
  sortTrouble,
  waitInWords,
} from '../../../../../src/core/agents/cli/trouble';

const evidence = (over: Partial<Evidence>): Evidence => ({
  ended: { how: 'exited', exitCode: 0 },
  report: {},
  stopped: undefined,
  unreadable: 0,
  printed: true,
  cancelled: false,
  stderr: '',
  ...over,
});
const answer = { text: 'done' };

describe('what became of a program', () => {
  test.each<[string, Partial<Evidence>, string]>([
    ['its word that it ended well', { report: { answer } }, 'ok'],
    ['that word counts, whatever the exit code', { report: { answer }, ended: { how: 'exited', exitCode: 1 } }, 'ok'],
    [
      'that word counts, though it had to be ended',
      { report: { answer }, ended: { how: 'cancelled' }, stopped: 'answered' },
      'ok',
    ],
    [
      'that word counts, also after an error that it got over',
      { report: { answer, trouble: { status: 529, text: 'x' } } },
      'ok',
    ],
    ['exit 0 alone', {}, 'no_answer'],
    ['exit 0 with lines that are not events', { unreadable: 3 }, 'unreadable'],
    ['exit 1', { ended: { how: 'exited', exitCode: 1 } }, 'crash'],
    [
      'exit 1 with words about a login',
      { ended: { how: 'exited', exitCode: 1 }, stderr: 'Not logged in · Please run /login' },
      'authentication',
    ],
    ['a signal from elsewhere', { ended: { how: 'signalled', signal: 'SIGKILL' } }, 'crash'],
    [
      'the person cancelled',
      { ended: { how: 'cancelled' }, cancelled: true, report: { trouble: { status: 500, text: 'x' } } },
      'cancelled',
    ],
    [
      'the person cancelled after the answer',
      { ended: { how: 'exited', exitCode: 0 }, cancelled: true, report: { answer } },
      'ok',
    ],
    [
      'hopeless',
      { ended: { how: 'cancelled' }, stopped: 'hopeless', report: { trouble: { status: 401, text: 'x' } } },
      'authentication',
    ],
    ['silent', { ended: { how: 'cancelled' }, stopped: 'silent' }, 'timeout'],
    [
      'silent after asking again and again',
      { ended: { how: 'cancelled' }, stopped: 'silent', report: { trouble: { text: 'Connection failed' } } },
      'network',
    ],
    ['the time limit', { ended: { how: 'timeout', afterMs: 1000 } }, 'timeout'],
    ['not installed', { ended: { how: 'missing', file: 'claude' } }, 'missing'],
    ['not started', { ended: { how: 'crashed', why: 'no room' } }, 'crash'],
  ])('%s', (_, over, expected) => {
    const judged = judge(evidence(over));
    expect(judged.ok ? 'ok' : judged.failure).toBe(expected);
  });

  test('a rate limit says how long to wait, when that is known', () => {
    expect(judge(evidence({ report: { trouble: { status: 429, text: 'slow', retryAfterMs: 7000 } } }))).toMatchObject({
      failure: 'rate_limit',
      retryAfterMs: 7000,
    });
    expect(
      judge(evidence({ report: { trouble: { status: 429, text: 'Please try again in 11.054s.' } } })),
    ).toMatchObject({ failure: 'rate_limit', retryAfterMs: 11_054 });
    expect(judge(evidence({ report: { trouble: { status: 429, text: 'slow' } } }))).not.toHaveProperty('retryAfterMs');
    expect(judge(evidence({ report: { trouble: { status: 500, text: 'try again in 3s' } } }))).not.toHaveProperty(
      'retryAfterMs',
    );
  });
});

describe('trouble', () => {
  test.each([
    [{ code: 'billing_error', status: 400, text: '' }, 'billing'],
    [{ status: 402, text: '' }, 'billing'],
    [{ status: 429, text: 'You exceeded your current quota, please check your plan and billing details.' }, 'billing'],
    [{ code: 'rate_limit', status: 429, text: '' }, 'rate_limit'],
    [{ text: 'You’ve hit your usage limit. Try again later.' }, 'rate_limit'],
    [{ status: 401, text: '' }, 'authentication'],
    [{ text: 'Missing environment variable: `OPENAI_API_KEY`.' }, 'authentication'],
    [{ text: 'Not logged in · Please run /login' }, 'authentication'],
    [{ status: 404, text: '' }, 'model'],
    [{ text: 'The model none does not exist' }, 'model'],
    [{ text: 'Prompt is too long' }, 'model'],
    [{ status: 503, text: '' }, 'network'],
    [{ text: 'stream disconnected before completion' }, 'network'],
    [{ text: 'We’re currently experiencing high demand' }, 'network'],
    [{ code: 'error_max_budget_usd', text: '' }, 'budget'],
    [{ code: 'error_max_turns', text: '' }, 'budget'],
    [{ text: 'something new' }, 'crash'],
    [{ code: 'something_new', text: '' }, 'crash'],
  ] as const)('%o is %s', (trouble, kind) => {
    expect(sortTrouble(trouble)).toBe(kind);
  });

  test.each([
    ['try again in 11.054s', 11_054],
    ['Try again in 1m7.5s.', 67_500],
    ['retry after 20 s', 20_000],
    ['try again in 250ms', 250],
    ['try again in 2h 3m', 7_380_000],
    ['resets in 5 minutes', 300_000],
    ['try again later', undefined],
    ['try again in a while', undefined],
  ])('%s', (words, ms) => {
    expect(waitInWords(words)).toBe(ms);
  });

  test('every failure is one line that says what to do', () => {
    for (const failure of FAILURES) {
      const sentence = failureSentence(failure, {
        provider: 'claude',
        words: 'API Error: 500\noops. And then. '.repeat(40),
        retryAfterMs: 7000,
        exec: 'claude',
      });
      expect(sentence).toMatch(/^[^\n]{10,330}\.$/u);
    }
  });
});
