// Acts on a run lock as another process: `lock-process.ts hold <.weld folder> <run id> <command>` holds it until
// standard input ends, `take-over <.weld folder>` takes it from its holder and releases it, `ask <.weld folder>` asks
// the holder to stop.
import { acquireRunLock, inspectLock, requestStop, takeOverLock } from '../../src/core/lock';

async function hold(weldDir: string, runId = '', command = ''): Promise<void> {
  const [, operation, step] = /^(.*?)(?: (\d+))?$/u.exec(command) ?? [];
  const lock = await acquireRunLock(weldDir, {
    runId,
    command,
    operation,
    step: step === undefined ? undefined : Number(step),
    heartbeatMs: 500,
  });
  process.stdout.write(`${JSON.stringify(lock.record)}\n`);
  for await (const _ of process.stdin) {
    // The content of standard input does not matter, only its end.
  }
  await lock.release();
}

async function holderOf(weldDir: string): Promise<{ token: string; runId: string }> {
  const state = await inspectLock(weldDir);
  if (state.kind !== 'held' || state.holder.token === undefined)
    throw new Error(`nobody holds the lock: ${state.kind}`);
  return { token: state.holder.token, runId: state.holder.run_id };
}

async function main(): Promise<void> {
  const [verb, weldDir = '', ...more] = process.argv.slice(2);
  if (verb === 'hold') return hold(weldDir, ...more);
  const { token, runId } = await holderOf(weldDir);
  if (verb === 'take-over') await (await takeOverLock(weldDir, token, { runId, command: 'plan import' })).release();
  else if (verb === 'ask') requestStop(weldDir, token);
  else throw new Error(`no such verb: ${String(verb)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
