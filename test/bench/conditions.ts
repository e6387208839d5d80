import { spawnSync } from 'node:child_process';
import { isolatedGit } from '../support/git';
import { root } from '../support/paths';
import { bundle } from './bundle';
import type { Row } from './report';

/**
 * How often the gate's conditions raise an alarm on this repository's history; see `conditions.measure.ts`. Takes
 * seconds.
 */
export function conditionRows(): Row[] {
  const outfile = bundle('test/bench/conditions.measure.ts', 'conditions.measure.cjs');
  const ran = spawnSync(process.execPath, [outfile, root], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...isolatedGit() },
  });
  if (ran.status !== 0) throw new Error(`judging the history ended with ${ran.status ?? ran.signal ?? 'nothing'}`);
  return JSON.parse(ran.stdout) as Row[];
}
