// One tortured process: `worker.js <.weld folder> <log> <name> <weld
// naive>`. Acquires the lock, writes under it and releases it, forever.
import * as fs from 'node:fs';
import { type TortureEvent, tick } from './events';
import { type Held, naiveLock, weldLock } from './locks';

const [weldDir = '', logFile = '', who = '', kind = 'weld'] = process.argv.slice(2);
const log = fs.openSync(logFile, 'a');
const lock = kind === 'naive' ? naiveLock(weldDir) : weldLock(weldDir);

const say = (event: TortureEvent): void => {
  fs.writeSync(log, `${JSON.stringify(event)}\n`);
};
const upTo = (n: number): number => Math.floor(Math.random() * (n + 1));
const chance = (percent: number): boolean => Math.random() * 100 < percent;
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms);
  });

async function work(held: Held, how: 'free' | 'take-over'): Promise<void> {
  const { epoch } = held;
  say({ ev: 'acquired', who, t: tick(), epoch, how });
  const long = chance(5);
  for (let writes = long ? 10 : upTo(5); writes > 0; writes--) {
    const t = tick();
    if (!held.assertHeld()) {
      say({ ev: 'lost', who, t, epoch });
      await held.release();
      return;
    }
    say({ ev: 'write', who, t, epoch });
    if (chance(70)) await pause(long ? upTo(10) : upTo(2));
  }
  say({ ev: 'releasing', who, t: tick(), epoch });
  await held.release();
}

async function main(): Promise<never> {
  process.stdout.write('ready');
  for (;;) {
    const got = await lock.acquire(chance(30) ? 50 : 0);
    if ('release' in got) {
      await work(got, 'free');
      if (chance(80)) await pause(upTo(8));
    } else if (got.token !== undefined && chance(8)) {
      say({ ev: 'taking-over', who, t: tick(), epoch: got.epoch });
      const taken = await lock.takeOver(got.token);
      if (taken) await work(taken, 'take-over');
    } else {
      await pause(1 + upTo(10));
    }
  }
}

main().catch((error: unknown) => {
  say({ ev: 'error', who, t: tick(), text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(1);
});
