import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { out, root } from '../support/paths';

/** Bundles a program as users get the product's code. @param entry relative to the root @returns the absolute path */
export function bundle(entry: string, name: string): string {
  const outfile = path.join(out, 'bench', name);
  buildSync({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    outfile,
  });
  return outfile;
}
