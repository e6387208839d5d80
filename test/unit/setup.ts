import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleOf, bundles, PROGRAMS, root } from '../support/bundles';
import { bundleServer } from './server/support/workspace';

/** Bundles every program that the tests start once for all of them. */
export default async function setup(): Promise<() => void> {
  fs.mkdirSync(bundles, { recursive: true });
  await Promise.all([
    bundleServer(bundles),
    ...PROGRAMS.map((entry) =>
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
