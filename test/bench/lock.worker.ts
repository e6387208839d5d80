// `lock.worker.cjs <weld|proper|bare> <.weld folder> <hold|count>`: holds a lock until it is killed, or counts how
// often it acquires it.
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lockfile from 'proper-lockfile';
import { acquireRunLock } from '../../src/core/lock';

const [kind = '', sharedDir = '', mode = ''] = process.argv.slice(2);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Turns that a worker makes alone before it contends. */
const WARM_UP = 400;

/** A folder that no other worker uses. */
function privateDir(): string {
  const folder = `${sharedDir}-${process.pid}`;
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** @returns a function that releases it @throws if another process holds it */
async function acquire(weldDir: string): Promise<() => unknown> {
  if (kind === 'weld') {
    const lock = await acquireRunLock(weldDir, {
      runId: 'r',
      command: 'bench',
      ...(mode === 'count' && { wait: { timeoutMs: 10_000 } }),
    });
    return () => lock.release();
  }
  if (kind === 'proper') return lockfile.lock(weldDir, { realpath: false });
  const file = path.join(weldDir, 'bare.lock');
  fs.closeSync(fs.openSync(file, 'wx'));
  return () => {
    fs.unlinkSync(file);
  };
}

async function main(): Promise<void> {
  if (mode === 'hold') {
    await acquire(sharedDir);
    process.stdout.write('held');
    await pause(2 ** 31 - 1);
  }
  // Warms up first: otherwise compilation would be most of what three seconds measure.
  for (let n = 0; n < WARM_UP; n++) await (await acquire(privateDir()))();
  process.stdout.write('ready');
  let count = 0;
  process.stdin.once('data', () => {
    setTimeout(() => {
      process.stdout.write(`\n${count}`, () => {
        process.exit(0);
      });
    }, 3000);
    void (async () => {
      for (;;) {
        try {
          const release = await acquire(sharedDir);
          await release();
          count += 1;
          await pause(0);
        } catch {
          await pause(1);
        }
      }
    })();
  });
}

void main();
