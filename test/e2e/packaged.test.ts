import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { root, vsix } from '../support/paths';
import { mustRun } from '../support/run';

test('the packed extension is small and holds nothing but what it runs', async () => {
  expect(fs.statSync(vsix).size).toBeLessThan(1_000_000);
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const listed = (await mustRun(process.execPath, [vsce, 'ls', '--no-dependencies'], { cwd: root })).trim().split('\n');
  expect(listed).toEqual(expect.arrayContaining(['dist/extension.js', 'dist/server.js', 'dist/supervisor.js', 'LICENSE', 'README.md', 'CHANGELOG.md']));
  expect(listed.filter((name) => !/^(dist\/\w+\.js|media\/.+|package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/u.test(name))).toEqual([]);
});
