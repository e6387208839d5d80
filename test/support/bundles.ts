import * as fs from 'node:fs';
import * as path from 'node:path';
import { out } from './paths';

/**
 * Where the programs lie that the tests start: made anew by each run for itself, because several run side by side. Its
 * workers inherit the name.
 */
export const bundles = (process.env['WELD_BUNDLES'] ??= path.join(out, 'bundles', String(process.pid)));

export const PROGRAMS: readonly string[] = [
  'src/core/process/supervisor/main.ts',
  'test/unit/core/process/host.ts',
  'test/unit/core/process/descriptors.ts',
  'test/unit/core/guard/guest.program.ts',
  'test/unit/core/lock/lockWorker.ts',
  'test/unit/core/runs/child.ts',
  'test/unit/core/runs/doctor.program.ts',
  'test/unit/core/steps/support/crash.ts',
  'test/unit/core/steps/support/successor.ts',
];

/** A program as one file that plain node runs. @param entry relative to the project, one of `PROGRAMS` */
export const bundleOf = (entry: string): string => path.join(bundles, `${entry.replaceAll(/\W+/gu, '-')}.cjs`);

/** @throws when it was not bundled */
export function bundled(entry: string): string {
  const file = bundleOf(entry);
  if (!fs.existsSync(file))
    throw new Error(`${entry} was not bundled: it has to stand in PROGRAMS of test/support/bundles.ts`);
  return file;
}
