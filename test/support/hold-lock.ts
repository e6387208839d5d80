// Holds a run lock until its standard input ends: `hold-lock.ts <.weld folder> <run id> <command>`.
import { acquireRunLock } from '../../src/core/lock';

async function main(): Promise<void> {
  const [weldDir, runId, command] = process.argv.slice(2);
  if (weldDir === undefined || runId === undefined || command === undefined) throw new Error('three words are needed');
  const lock = await acquireRunLock(weldDir, { runId, command, heartbeatMs: 500 });
  process.stdout.write(`${JSON.stringify(lock.record)}\n`);
  for await (const _ of process.stdin) {
    // Whatever is said, only the end counts.
  }
  await lock.release();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
