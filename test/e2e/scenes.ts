import * as fs from 'node:fs';
import * as path from 'node:path';
import { Journey } from '../support/journey';
import { until } from '../support/run';
import type { Sample } from '../support/sample';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import type { Workbench } from '../support/workbench';
import type { Harness } from './harness';

/** A window with the loop of step 1 in its check, which ends when the test lets it. */
export interface AtCheck {
  readonly check: SlowCheck;
  readonly sample: Sample;
  readonly first: Workbench;
  readonly journey: Journey;
  /** `active.lock`. */
  readonly face: string;
  readonly holder: { readonly pid: number; readonly token: string };
}

/** @param before runs between the selection of the step and the loop */
export async function atCheck(
  harness: Harness,
  before: (sample: Sample) => Promise<void> = () => Promise.resolve(),
): Promise<AtCheck> {
  const check = new SlowCheck(harness.folder('check'));
  const sample = await harness.sample({ checks: { slow: check.command } });
  await seed(sample, { step: 1 });
  const first = await harness.open(sample.top);
  const journey = new Journey(first, sample);
  await before(sample);
  await journey.startLoop(1);
  await until('the check to run', () => check.running, 30_000);
  const face = path.join(sample.weldDir, 'active.lock');
  return {
    check,
    sample,
    first,
    journey,
    face,
    holder: JSON.parse(fs.readFileSync(face, 'utf8')) as AtCheck['holder'],
  };
}

/** The same, with a second window on the folder that was opened earlier and shows the holder of the lock. */
export async function besideLoop(harness: Harness): Promise<AtCheck & { readonly second: Workbench }> {
  let second: Workbench | undefined;
  const scene = await atCheck(harness, async ({ top }) => {
    second = await harness.open(top);
  });
  if (!second) throw new Error('not reached: the scene opens it');
  const { lock } = second;
  await until('the second window to show who holds the lock', async () =>
    ((await lock.textContent()) ?? '').includes(`pid ${scene.holder.pid}`),
  );
  return { ...scene, second };
}
