import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { noticeOf, noticesText, packagesIn } from '../support/notices';
import { root } from '../support/paths';

test('every package that is bundled has its notice, with a copyright and a licence', async () => {
  const entryPoints = ['src/extension.ts', 'src/server/main.ts', 'src/core/process/supervisor/main.ts'];
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'none',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'silent',
  });
  const folders = packagesIn(metafile.inputs);
  const bundled = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules/'));
  expect(bundled.filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)))).toEqual([]);
  const notices = folders.map(noticeOf);
  expect(notices.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['zod', 'vscode-languageserver', 'proper-lockfile']),
  );
  const text = noticesText(notices);
  for (const { name, version, text: own } of notices) {
    expect(text).toContain(`${name} ${version} (`);
    expect(own, name).toMatch(/copyright|licen[cs]e/iu);
  }
});

test('the packed extension holds the notices, and the script that packs writes them', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-packed-'));
  onTestFinished(() => {
    fs.rmSync(folder, { recursive: true });
  });
  for (const name of ['package.json', 'package.nls.json', '.vscodeignore', 'README.md', 'LICENSE'])
    fs.copyFileSync(path.join(root, name), path.join(folder, name));
  fs.mkdirSync(path.join(folder, 'dist'));
  for (const name of ['extension.js', 'extension.js.map', 'THIRD-PARTY-NOTICES.txt'])
    fs.writeFileSync(path.join(folder, 'dist', name), '');
  const packed = await listFiles({ cwd: folder, packageManager: PackageManager.None });
  expect(packed.filter((file) => file.startsWith('dist/')).sort()).toEqual([
    'dist/THIRD-PARTY-NOTICES.txt',
    'dist/extension.js',
  ]);
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['package']).toContain('tsx test/support/notices.ts && tsx test/support/pack.ts');
});
