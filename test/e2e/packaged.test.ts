import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { inDepth } from '../support/deep';
import { root, vsix } from '../support/paths';
import { mustRun, run } from '../support/run';
import { LspClient } from '../unit/server/support/client';

test('the packed extension is small and holds nothing but what it runs', async () => {
  expect(fs.statSync(vsix).size).toBeLessThan(1_000_000);
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const listed = (await mustRun(process.execPath, [vsce, 'ls', '--no-dependencies'], { cwd: root })).trim().split('\n');
  expect(listed).toEqual(
    expect.arrayContaining([
      'dist/extension.js',
      'dist/server.js',
      'dist/supervisor.js',
      'dist/THIRD-PARTY-NOTICES.txt',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
    ]),
  );
  expect(
    listed.filter(
      (name) =>
        !/^(dist\/[\w-]+\.js|dist\/THIRD-PARTY-NOTICES\.txt|media\/.+|package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/u.test(
          name,
        ),
    ),
  ).toEqual([]);
});

inDepth('a release has pictures and links that an extension page can show', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'packed-'));
  try {
    const packed = path.join(folder, 'weld.vsix');
    await mustRun(
      process.execPath,
      [path.join(root, 'node_modules/tsx/dist/cli.mjs'), 'test/support/pack.ts', packed],
      { cwd: root, env: { ...process.env, WELD_ADDRESS: 'https://example.invalid/weld', WELD_TAG: 'v1.2.3' } },
    );
    const { readZip } = createRequire(import.meta.url)('@vscode/vsce/out/zip') as {
      readZip: (file: string, wanted: (name: string) => boolean) => Promise<Map<string, Buffer>>;
    };
    const readme =
      (await readZip(packed, (name) => name === 'extension/readme.md')).get('extension/readme.md')?.toString('utf8') ??
      '';
    const targets = [...readme.matchAll(/\]\(([^)#\s]+)\)/gu)].map(([, target = '']) => target);
    expect(targets.filter((target) => !target.startsWith('https://'))).toEqual([]);
    expect(targets).toContain('https://example.invalid/weld/raw/v1.2.3/media/readme/loop.png');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('the packed language server speaks over standard input and output to any editor', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'packed-'));
  const client = new LspClient(path.join(root, 'dist/server.js'));
  try {
    await client.start(folder);
    const uri = client.open(path.join(folder, 'a.plan.md'), '## Step 1: One\n\n## Step 1: Again\n');
    const found = await client.diagnostics(uri, 1);
    expect(found.map(({ code }) => code)).toContain('duplicate-number');
  } finally {
    await client.stop();
    fs.rmSync(folder, { recursive: true });
  }
});

test('started without a way to speak, it says so in a sentence', async () => {
  const { code, stderr } = await run(process.execPath, [path.join(root, 'dist/server.js')]);
  expect(code).toBe(1);
  expect(stderr.trim()).toMatch(/^The language server of Weld speaks to an editor: start it with --stdio.*\.$/u);
});
