import { beforeEach, describe, expect, it } from 'vitest';
import { CrashGuard } from '../../../src/lsp/crashGuard';

const MINUTE_MS = 60_000;
let now = 0;
let said: string[] = [];
beforeEach(() => {
  [now, said] = [0, []];
});
const guard = (): CrashGuard =>
  new CrashGuard(
    { warn: (message) => said.push(`warning: ${message}`), fail: (message) => said.push(`error: ${message}`) },
    () => now,
  );

describe('a server that dies', () => {
  it('is started again for as long as its deaths are far apart, and a person hears of it once', () => {
    const watched = guard();
    for (let death = 0; death < 50; death++, now += MINUTE_MS) expect(watched.died()).toBe(true);
    expect(watched.givenUp).toBe(false);
    expect(said).toEqual([expect.stringMatching(/^warning: .* was started again\.$/u)]);
  });

  it('is given up at the fifth death within three minutes, and never started again', () => {
    const watched = guard();
    for (let death = 0; death < 4; death++, now += 45_000) expect(watched.died()).toBe(true);
    expect(watched.died()).toBe(false);
    expect(watched.givenUp).toBe(true);
    now += 60 * MINUTE_MS;
    expect(watched.died()).toBe(false);
    expect(said).toEqual([expect.stringMatching(/^warning/u), expect.stringMatching(/^error: .* stays off/u)]);
  });

  it('has the death forgiven that is longer ago than three minutes', () => {
    const watched = guard();
    for (let death = 0; death < 4; death++, now += 45_000) watched.died();
    now += 1;
    expect(watched.died()).toBe(true);
  });
});
