/**
 * Packs the build. Run by `npm run package`; the argument is the file to write, by default `out/weld.vsix`. An
 * extension page shows no relative images and follows no relative links, so a release sets `WELD_ADDRESS` and
 * `WELD_TAG` to where its files are.
 */
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { root, vsix } from './paths';

const { WELD_ADDRESS: address, WELD_TAG: tag = 'HEAD' } = process.env;
const links =
  address === undefined
    ? ['--no-rewrite-relative-links']
    : ['--baseContentUrl', `${address}/blob/${tag}`, '--baseImagesUrl', `${address}/raw/${tag}`];
const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
const { status } = spawnSync(
  process.execPath,
  [vsce, 'package', '--no-dependencies', '--allow-missing-repository', ...links, '--out', process.argv[2] ?? vsix],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
