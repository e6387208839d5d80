import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureBrowser } from '../support/host/browser';
import { installServer } from '../support/host/install-server';
import { out, root } from '../support/paths';
import { mustRun } from '../support/run';

/** Installs what the windows need, and packs the extension unless `npm test` just did. */
export default async function setup(): Promise<void> {
  fs.rmSync(path.join(out, 'e2e'), { recursive: true, force: true });
  await Promise.all([
    installServer(),
    ensureBrowser(),
    process.env['WELD_PACKAGED'] ? undefined : mustRun('npm', ['run', '--silent', 'package'], { cwd: root }),
  ]);
}
