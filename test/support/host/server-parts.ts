import * as fs from 'node:fs';
import * as path from 'node:path';

/** A version for the changes that this file makes: increase it to reinstall servers in the cache. */
export const LAYOUT = 2;

/**
 * The modules that the server, extension host, file watcher, terminal and workbench page load; the rest of some 45 is
 * not needed.
 */
export const KEPT_MODULES = [
  '@microsoft/1ds-core-js',
  '@parcel/watcher',
  '@vscode/deviceid',
  '@vscode/fs-copyfile',
  '@vscode/iconv-lite-umd',
  '@vscode/proxy-agent',
  '@vscode/ripgrep-universal',
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
  'detect-libc',
  'http-proxy-agent',
  'https-proxy-agent',
  'jschardet',
  'katex',
  'minimist',
  'node-pty',
  'tas-client',
  'vscode-oniguruma',
  'vscode-regexpp',
  'vscode-textmate',
  'ws',
  'yauzl',
  'yazl',
];

export const LEFT_OUT_EXTENSIONS = [
  'copilot',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
  'tunnel-forwarding',
  // Its language server is not installed; it would show an error in every window with JavaScript.
  'typescript-language-features',
];

/** Replaces a native module with plain JavaScript, so that nothing is compiled. @param name of the module */
export function placeStandIn(vscode: string, name: string, source: string): void {
  const dir = path.join(vscode, 'node_modules', name);
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(
    path.join(dir, 'package.json'),
    JSON.stringify({ name, version: '0.0.0-stand-in', main: 'index.js' }),
  );
  fs.writeFileSync(path.join(dir, 'index.js'), source);
}

/** Without this module there is no log and no text in the Output panel. */
export function placeStandIns(vscode: string): void {
  placeStandIn(vscode, '@vscode/native-watchdog', 'exports.start = () => {};\n');
  placeStandIn(vscode, '@vscode/spdlog', fs.readFileSync(path.join(import.meta.dirname, 'spdlog.cjs'), 'utf8'));
}

/** Removes files for other systems, about 100 MB. */
export function dropForeignPlatforms(vscode: string, platform: string): void {
  const modules = path.join(vscode, 'node_modules');
  for (const folder of ['@vscode/ripgrep-universal/bin', 'node-pty/prebuilds'])
    for (const name of fs.readdirSync(path.join(modules, folder)))
      if (!name.includes(platform)) fs.rmSync(path.join(modules, folder, name), { recursive: true });
  for (const rest of ['node-pty/third_party', 'node-pty/deps', 'node-pty/src', `@parcel/watcher-${platform}-musl`])
    fs.rmSync(path.join(modules, rest), { recursive: true, force: true });
}
