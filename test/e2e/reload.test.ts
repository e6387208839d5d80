import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { alive } from '../support/processes';
import { until } from '../support/run';
import { contents } from '../support/runs';
import { useEditor } from './harness';
import { atCheck } from './scenes';

const harness = useEditor();

test('a reload in mid-loop releases the lock, and Resume runs only the phases that are missing', async () => {
  const { check, first: window, journey, face: lock } = await atCheck(harness);
  const folder = journey.step(1)?.folder ?? '';
  const before = contents(path.join(folder, 'iter', '01'), /progress\.json|timing\.json|^checks/u);

  await window.page.reload();
  await until('the lock to be released', () => !fs.existsSync(lock), 10_000);
  await until('the check and what it started to be gone', () => !check.pids().some(alive), 10_000);
  await window.ready();

  check.finish();
  const offer = window.toast(/step 1/iu).filter({ has: window.page.getByRole('button', { name: 'Continue' }) });
  await offer.waitFor({ timeout: 30_000 });
  expect(fs.existsSync(lock)).toBe(false); // nothing starts by itself
  await offer.getByRole('button', { name: 'Continue' }).click();
  await until('the step to pass', () => journey.step(1)?.iterations[0]?.status?.pass, 60_000);
  expect(journey.step(1)?.iterations).toHaveLength(1);
  expect(contents(path.join(folder, 'iter', '01'), /progress\.json|timing\.json|^checks/u)).toMatchObject(before);
  // A second implementation would need another answer, and the recording has none.
});
