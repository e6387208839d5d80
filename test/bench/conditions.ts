import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { isolatedGit } from '../support/git';
import { out, root } from '../support/paths';
import type { Row } from './report';

/**
 * How often the gate's conditions raise an alarm on this repository's history; see `conditions.measure.ts`. Takes
 * seconds.
 */
export function conditionRows(): Row[] {
  const outfile = path.join(out, 'bench', 'conditions.measure.cjs');
  buildSync({
    entryPoints: [path.join(root, 'test/bench/conditions.measure.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    outfile,
  });
  const ran = spawnSync(process.execPath, [outfile, root], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...isolatedGit() },
  });
  if (ran.status !== 0) throw new Error(`judging the history ended with ${ran.status ?? ran.signal ?? 'nothing'}`);
  return JSON.parse(ran.stdout) as Row[];
}
