import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureBrowser } from '../../support/host/browser';
import { installServer } from '../../support/host/install-server';
import { root, vsix } from '../../support/paths';
import { mustRun } from '../../support/run';

/** Installs what a window needs, and packs the extension unless the package is newer than its sources. */
export async function preparePacked(): Promise<void> {
  await Promise.all([
    installServer(),
    ensureBrowser(),
    isFresh() ? undefined : mustRun('npm', ['run', '--silent', 'package'], { cwd: root }),
  ]);
}

function isFresh(): boolean {
  if (!fs.existsSync(vsix)) return false;
  const packed = fs.statSync(vsix).mtimeMs;
  const sources = fs
    .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(root, 'src', name));
  return [path.join(root, 'package.json'), ...sources].every((file) => fs.statSync(file).mtimeMs < packed);
}
