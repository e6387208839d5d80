/**
 * Packs what was built. Run by `npm run package`, with the file to write as an argument: default `out/weld.vsix`.
 * An extension page shows no picture and follows no link that is relative: a release says by `WELD_ADDRESS` and
 * `WELD_TAG` where its files can be read.
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
