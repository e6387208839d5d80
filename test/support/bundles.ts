import * as fs from 'node:fs';
import * as path from 'node:path';
import { out } from './paths';

/**
 * The folder with the programs that tests start. Each run has its own, because several run in parallel; its workers
 * inherit the name.
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

/** The bundle of a program, which plain Node runs. @param entry relative to the project, one of `PROGRAMS` */
export const bundleOf = (entry: string): string => path.join(bundles, `${entry.replaceAll(/\W+/gu, '-')}.cjs`);

/** @throws if it was not bundled */
export function bundled(entry: string): string {
  const file = bundleOf(entry);
  if (!fs.existsSync(file))
    throw new Error(`${entry} was not bundled: it has to stand in PROGRAMS of test/support/bundles.ts`);
  return file;
}
