import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleOf, bundles } from './bundles';
import { root } from './paths';

/**
 * Bundles programs once for all tests of a run.
 * @param besides adds more to the same folder
 * @returns a function that removes them
 */
export async function bundleAll(entries: readonly string[], besides: () => Promise<unknown>): Promise<() => void> {
  fs.mkdirSync(bundles, { recursive: true });
  await Promise.all([
    besides(),
    ...entries.map((entry) =>
      build({
        entryPoints: [path.join(root, entry)],
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
        minify: true,
        logLevel: 'error',
        outfile: bundleOf(entry),
      }),
    ),
  ]);
  return () => {
    fs.rmSync(bundles, { recursive: true, force: true });
  };
}
