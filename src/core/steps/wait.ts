import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, telling the seconds that are left once a second. @throws when `signal` aborts */
export async function waitVisibly(ms: number, signal: AbortSignal, tell: (secondsLeft: number) => void): Promise<void> {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    tell(Math.ceil(left / 1000));
    await sleep(Math.min(left, 1000), undefined, { signal });
  }
}
