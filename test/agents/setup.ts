import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleOf, bundles, root } from '../support/bundles';
import { installPrograms } from './programs/install';

const SUPERVISOR = 'src/core/process/supervisor/main.ts';

export default async function setup(): Promise<() => void> {
  fs.mkdirSync(bundles, { recursive: true });
  await Promise.all([
    installPrograms(),
    build({ entryPoints: [path.join(root, SUPERVISOR)], bundle: true, platform: 'node', format: 'cjs', target: 'node20', minify: true, logLevel: 'error', outfile: bundleOf(SUPERVISOR) }),
  ]);
  return () => { fs.rmSync(bundles, { recursive: true, force: true }); };
}
