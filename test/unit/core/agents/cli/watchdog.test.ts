import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Reader, Report } from '../../../../../src/core/agents/cli/agentReader';
import { Watchdog } from '../../../../../src/core/agents/cli/runCli';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(over: Partial<{ report: Report; hopeless: boolean; busy: boolean; waitMs: number }> = {}): {
  reader: Required<typeof over>;
  dog: Watchdog;
} {
  const reader = { report: {}, hopeless: false, busy: false, waitMs: 0, ...over };
  return {
    reader,
    dog: new Watchdog(
      {
        ...{ take: () => 'nothing', end: () => undefined },
        get report() {
          return reader.report;
        },
        get hopeless() {
          return reader.hopeless;
        },
        get busy() {
          return reader.busy;
        },
        get waitMs() {
          return reader.waitMs;
        },
      } satisfies Reader,
      1000,
      200,
    ),
  };
}

test('silence ends it, progress does not', () => {
  const { dog } = watch();
  vi.advanceTimersByTime(900);
  dog.saw('progress');
  vi.advanceTimersByTime(900);
  expect(dog.stopped).toBeUndefined();
  vi.advanceTimersByTime(101);
  expect([dog.stopped, dog.signal.aborted]).toEqual(['silent', true]);
});

test('asking again is no progress, but the announced wait is granted', () => {
  const { dog, reader } = watch();
  vi.advanceTimersByTime(600);
  reader.waitMs = 500;
  dog.saw('retry');
  vi.advanceTimersByTime(800);
  expect(dog.stopped).toBeUndefined();
  vi.advanceTimersByTime(101);
  expect(dog.stopped).toBe('silent');
});

test('a tool may be silent for longer', () => {
  const { dog, reader } = watch();
  reader.busy = true;
  dog.saw('progress');
  vi.advanceTimersByTime(5900);
  expect(dog.stopped).toBeUndefined();
  vi.advanceTimersByTime(101);
  expect(dog.stopped).toBe('silent');
});

test('hopeless ends it at once', () => {
  const { dog, reader } = watch();
  reader.hopeless = true;
  dog.saw('retry');
  expect(dog.stopped).toBe('hopeless');
});

test('after the answer there is little time left', () => {
  const { dog, reader } = watch();
  reader.report = { answer: { text: '' } };
  dog.saw('progress');
  vi.advanceTimersByTime(150);
  dog.saw('progress');
  vi.advanceTimersByTime(51);
  expect(dog.stopped).toBe('answered');
});
