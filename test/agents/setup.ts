import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleOf, bundles, root } from '../support/bundles';
import { installPrograms } from './programs/install';
import { SHUT_IN } from './support/shutIn';

const PROGRAMS = ['src/core/process/supervisor/main.ts', SHUT_IN];

export default async function setup(): Promise<() => void> {
  fs.mkdirSync(bundles, { recursive: true });
  await Promise.all([
    installPrograms(),
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
