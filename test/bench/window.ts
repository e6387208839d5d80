import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ensureBrowser } from '../support/host/browser';
import { installServer } from '../support/host/install-server';
import { root } from '../support/paths';
import { mustRun } from '../support/run';
import type { Row } from './report';
import { activationRows } from './window.activation';
import { busyRows } from './window.busy';
import { manyRunsRows } from './window.many';
import { repositoryWithRuns } from './window.repository';

/** The packed extension in real windows: what it costs to be there, and whether that grows with the runs. */
export async function windowRows(): Promise<Row[]> {
  if (process.platform !== 'linux') throw new Error('windows are measured by /proc, on Linux alone');
  if (!process.env['WELD_PACKAGED']) await mustRun('npm', ['run', '--silent', 'package'], { cwd: root });
  const [files] = await Promise.all([installServer(), ensureBrowser()]);
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'wr-')));
  try {
    const few = await repositoryWithRuns(path.join(folder, 'few'), 10);
    const many = await repositoryWithRuns(path.join(folder, 'many'), 1_000);
    const most = await repositoryWithRuns(path.join(folder, 'most'), 10_000);
    return [
      ...(await activationRows(few, files)),
      ...(await manyRunsRows({ few, many, most })),
      ...(await busyRows(most)),
    ];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
