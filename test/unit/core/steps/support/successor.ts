// Takes the run lock over from its live holder and ends without releasing it: `successor <.weld folder> <run id>`.
import { inspectLock, takeOverLock } from '../../../../../src/core/lock';

async function main(): Promise<void> {
  const [weldDir, runId] = process.argv.slice(2);
  if (weldDir === undefined || runId === undefined) throw new Error('two words are needed');
  const state = await inspectLock(weldDir);
  if (state.kind !== 'held' || state.holder.token === undefined)
    throw new Error(`nobody to succeed: ${JSON.stringify(state)}`);
  await takeOverLock(weldDir, state.holder.token, { runId, command: 'take over' });
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
