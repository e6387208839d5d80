import { expect, it } from 'vitest';
import { Batch } from '../../../src/platform/batch';

/** A call that ends on request. */
class Slow {
  began = 0;
  private readonly waiting: (() => void)[] = [];
  readonly call = (): Promise<void> => {
    this.began++;
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  };
  end(): void {
    this.waiting.shift()?.();
  }
}

const beats = (n: number): Promise<void> => new Promise((wake) => setTimeout(wake, n * 5));
const until = async (fits: () => boolean): Promise<void> => {
  while (!fits()) await beats(1);
};

it('many notes make one call', async () => {
  const slow = new Slow();
  const batch = new Batch(slow.call, 5);
  for (let n = 0; n < 10; n++) batch.note();
  await until(() => slow.began > 0);
  await beats(4);
  expect(slow.began).toBe(1);
});

it('a note during a call makes one more call, after it', async () => {
  const slow = new Slow();
  const batch = new Batch(slow.call, 5);
  batch.note();
  await until(() => slow.began === 1);
  batch.note();
  batch.note();
  await beats(4);
  expect(slow.began).toBe(1);
  slow.end();
  await until(() => slow.began === 2);
  slow.end();
  await beats(4);
  expect(slow.began).toBe(2);
});

it('nothing is called after it is disposed', async () => {
  const slow = new Slow();
  const batch = new Batch(slow.call, 5);
  batch.note();
  await until(() => slow.began === 1);
  batch.note();
  batch.dispose();
  slow.end();
  await beats(4);
  expect(slow.began).toBe(1);
});

it('notes that do not cease make calls with the wanted gap between them', async () => {
  const calls: number[] = [];
  const batch = new Batch(
    () => {
      calls.push(performance.now());
    },
    5,
    100,
  );
  await until(() => {
    batch.note();
    return calls.length > 3;
  });
  batch.dispose();
  const gaps = calls.slice(1).map((at, i) => at - (calls[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(95);
});
