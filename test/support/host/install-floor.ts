import * as fs from 'node:fs';
import * as path from 'node:path';
import { cache } from '../paths';
import { mustRun } from '../run';
import { installNewest } from './install-newest';
import { fetchPackage, installOnce, npmEnv, type ServerFiles } from './lay-down';
import { LEFT_OUT_EXTENSIONS, placeStandIn } from './server-parts';

/** The lowest VS Code that package.json allows: code-server 4.100.3 is VS Code 1.100.3. */
const FLOOR = {
  name: 'code-server',
  version: '4.100.3',
  sri: 'sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==',
};
const FLOOR_VERSION = '1.100.3';

/** The modules that it loads; the others need a compiler or a download. */
const MODULES = [
  '@microsoft/1ds-core-js',
  '@microsoft/1ds-post-js',
  '@parcel/watcher',
  '@vscode/deviceid',
  '@vscode/iconv-lite-umd',
  '@vscode/proxy-agent',
  '@vscode/tree-sitter-wasm',
  '@vscode/vscode-languagedetection',
  '@xterm/addon-clipboard',
  '@xterm/addon-image',
  '@xterm/addon-ligatures',
  '@xterm/addon-progress',
  '@xterm/addon-search',
  '@xterm/addon-serialize',
  '@xterm/addon-unicode11',
  '@xterm/addon-webgl',
  '@xterm/headless',
  '@xterm/xterm',
  'cookie',
  'http-proxy-agent',
  'https-proxy-agent',
  'jschardet',
  'minimist',
  'node-pty',
  'tas-client-umd',
  'vscode-oniguruma',
  'vscode-regexpp',
  'vscode-textmate',
  'yauzl',
  'yazl',
];

/**
 * Installs the lowest VS Code that Weld supports. It runs under this Node; its search, terminal and log come from the
 * newest server. @throws like `installNewest`
 */
export async function installFloor(): Promise<ServerFiles> {
  const newest = await installNewest();
  const dest = path.join(cache, `server-${FLOOR.version}-${process.platform}-${process.arch}-1`);
  await installOnce(dest, async (aside) => {
    process.stderr.write(`Laying down the VS Code ${FLOOR_VERSION} server (once, about 200 MB) …\n`);
    const tarball = await fetchPackage(FLOOR, path.join(aside, 'fetch'));
    const without = [
      ...LEFT_OUT_EXTENSIONS.map((name) => `--exclude=package/lib/vscode/extensions/${name}`),
      '--exclude=*.map',
    ];
    await mustRun('tar', ['-xzf', tarball, '-C', aside, '--strip-components=2', ...without, 'package/lib/vscode']);
    fs.rmSync(path.dirname(tarball), { recursive: true });
    const vscode = path.join(aside, 'vscode');
    const manifest = path.join(vscode, 'package.json');
    const original = fs.readFileSync(manifest, 'utf8');
    const parsed = JSON.parse(original) as { dependencies: Record<string, string> };
    fs.writeFileSync(
      manifest,
      JSON.stringify({
        ...parsed,
        dependencies: Object.fromEntries(MODULES.map((name) => [name, parsed.dependencies[name]])),
      }),
    );
    await mustRun('npm', ['install', '--omit=dev', '--ignore-scripts', '--engine-strict=false'], {
      cwd: vscode,
      env: npmEnv,
    });
    fs.writeFileSync(manifest, original);
    borrow(newest.vscode, vscode);
  });
  return { node: process.execPath, vscode: path.join(dest, 'vscode') };
}

/** Search and terminal are native programs; those of the newest server work too. */
function borrow(from: string, to: string): void {
  const modules = path.join(to, 'node_modules');
  const platform = `${process.platform}-${process.arch}`;
  const copy = (source: string, target: string): void => {
    fs.mkdirSync(path.dirname(path.join(modules, target)), { recursive: true });
    fs.copyFileSync(path.join(from, 'node_modules', source), path.join(modules, target));
  };
  copy(`@vscode/ripgrep-universal/bin/${platform}/rg`, '@vscode/ripgrep/bin/rg');
  copy(`node-pty/prebuilds/${platform}/pty.node`, 'node-pty/build/Release/pty.node');
  fs.writeFileSync(
    path.join(modules, '@vscode/ripgrep/package.json'),
    JSON.stringify({ name: '@vscode/ripgrep', version: '0.0.0-stand-in', main: 'index.js' }),
  );
  fs.writeFileSync(
    path.join(modules, '@vscode/ripgrep/index.js'),
    "exports.rgPath = require('path').join(__dirname, 'bin/rg');\n",
  );
  placeStandIn(to, 'native-watchdog', 'exports.start = () => {};\n');
  placeStandIn(to, '@vscode/spdlog', fs.readFileSync(path.join(import.meta.dirname, 'spdlog.cjs'), 'utf8'));
}
