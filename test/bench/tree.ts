import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { root } from '../support/paths';
import { bundle } from './bundle';
import type { Row } from './report';

/** What the view of runs costs where there are many; see `tree.measure.ts`. Takes half a minute. */
export function treeRows(): Row[] {
  const outfile = bundle('test/bench/tree.measure.ts', 'tree.measure.cjs');
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-bench-')));
  try {
    const ran = spawnSync(process.execPath, [outfile, folder, path.join(root, 'test/fixtures/runs/command-line')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (ran.status !== 0) throw new Error(`measuring the tree ended with ${ran.status ?? ran.signal ?? 'nothing'}`);
    return JSON.parse(ran.stdout) as Row[];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
