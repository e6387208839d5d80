import { expect, test } from 'vitest';
import { until } from '../support/run';
import { contents } from '../support/runs';
import { useEditor } from './harness';
import { besideLoop } from './scenes';

const harness = useEditor();

test('a second window is refused with the holder named, sees the state and may start another run', async () => {
  const { check, sample, first, second, journey, holder } = await besideLoop(harness);
  expect(harness.editor.server.hostPids).toContain(holder.pid);
  await until('the first window to show that it holds the lock', async () =>
    /step loop 1/u.test((await first.lock.textContent()) ?? ''),
  );

  const before = contents(sample.weldDir, /active\.lock|^lock\//u);
  await second.command('Weld: Generate Plan');
  const refusal = second.toast(new RegExp(`${holder.pid}`, 'u')).first();
  await refusal.waitFor();
  expect(contents(sample.weldDir, /active\.lock|^lock\//u)).toEqual(before);

  await refusal.getByRole('button', { name: 'Wait' }).click();
  check.finish();
  await until('the loop of the first window to end', () => journey.step(1)?.iterations[0]?.status?.pass, 60_000);
  // The recording has only one plan: the agent was called but has no answer.
  await second.toast(/no answer for plan_generation/u).waitFor({ timeout: 60_000 });
});
