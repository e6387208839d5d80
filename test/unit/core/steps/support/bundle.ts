import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../../../../..');

/** A script of this folder as one file that plain node runs, bundled once per test process. */
export function bundled(name: 'crash' | 'successor'): string {
  const outfile = path.join(ROOT, `out/unit/${name}-${process.pid}.cjs`);
  if (!fs.existsSync(outfile)) {
    buildSync({ entryPoints: [path.join(import.meta.dirname, `${name}.ts`)], bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error', outfile });
    process.once('exit', () => { fs.rmSync(outfile, { force: true }); });
  }
  return outfile;
}
