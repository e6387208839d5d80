import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { alive } from '../support/processes';
import { until } from '../support/run';
import type { Workbench } from '../support/workbench';
import { useEditor } from './harness';
import { besideLoop } from './scenes';

const harness = useEditor();

/** Opens *Show Lock* and chooses an action. */
async function show(window: Workbench, action: string): Promise<void> {
  await window.command('Weld: Show Lock');
  await window.pick(new RegExp(action, 'u'));
}

test('asked from another window, the holder stops its loop in order and releases the lock', async () => {
  const { first, second, journey, check, face } = await besideLoop(harness);
  await show(second, 'Ask the Holder to Stop');
  await second.toast(/was asked to stop/u).waitFor();
  await until('the lock to be released', () => !fs.existsSync(face), 20_000);
  expect(check.pids().some(alive)).toBe(false);
  expect(fs.readdirSync(path.join(path.dirname(face), 'lock')).filter((name) => name.startsWith('stop-'))).toEqual([]);
  await first
    .toast(/Step 1/u)
    .getByRole('button', { name: 'Continue', exact: true })
    .waitFor();
  const { files, status } = journey.step(1)?.iterations[0] ?? { files: [], status: undefined };
  expect(files).toContain('diff.patch');
  expect(status).toBeUndefined();
  await until(
    'the second window to show that it is free',
    async () => !((await second.lock.textContent()) ?? '').includes('pid'),
  );
});

test('taken over by the token on screen, the holder ends its programs, stops, and says who has the lock', async () => {
  const { first, second, journey, check, face, holder } = await besideLoop(harness);
  await show(second, 'Take Over');
  const modal = second.modal(/Take over the run lock/u);
  const text = (await modal.textContent()) ?? '';
  expect(text).toContain(`Token: ${holder.token}`);
  expect(text).toMatch(/the current phase is lost, earlier phases and iterations are kept/u);
  await modal.getByRole('button', { name: 'Take Over', exact: true }).click();
  await second.toast(/was taken over/u).waitFor();

  await until(
    'the first window to show that it lost the lock',
    async () => /lock lost/u.test((await first.lock.textContent()) ?? ''),
    15_000,
  ); // one heartbeat
  await until('the programs of its loop to be gone', () => !check.pids().some(alive), 5000);
  const successor = harness.editor.server.hostPids.at(-1);
  const said = first.toast(/lost the run lock while it ran step loop 1/u);
  await said.waitFor();
  expect(await said.textContent()).toContain(`process ${String(successor)}`);
  expect(journey.step(1)?.iterations[0]?.status).toBeUndefined();

  await show(first, 'Understood');
  await until(
    'the first window to show that it is free',
    async () => !/lost/u.test((await first.lock.textContent()) ?? ''),
  );
  expect(fs.existsSync(face)).toBe(false);
});

test('waiting for the lock can be cancelled', async () => {
  const { second, check, face } = await besideLoop(harness);
  await show(second, 'Wait');
  const waiting = second.progress(/Waiting for the run lock/u);
  await waiting.waitFor();
  await waiting.hover();
  await waiting.getByRole('button', { name: 'Cancel', exact: true }).click();
  await waiting.waitFor({ state: 'hidden' });
  expect(fs.existsSync(face)).toBe(true);
  check.finish();
});
