import * as fs from 'node:fs';
import * as path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  const dir = path.join(root, folder);
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
}

let inputs: Metafile['inputs'];
beforeAll(async () => {
  const result = await build({
    absWorkingDir: root,
    stdin: {
      contents: sources('src')
        .map((file) => `import './${file}';`)
        .join('\n'),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'silent',
  });
  inputs = result.metafile.inputs;
}, 60_000);

/**
 * Everything that files import, directly and through others, packages included.
 * @param later also what `import()` loads when it is first needed
 */
function reach(from: readonly string[], later = true): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const imports = (inputs[file]?.imports ?? []).filter(({ kind }) => later || kind !== 'dynamic-import');
    queue.push(...imports.map((one) => one.path));
  }
  return seen;
}

test('core and server never reach the editor, not even through others', () => {
  const files = [...sources('src/core'), ...sources('src/server')];
  expect(files.length).toBeGreaterThan(0);
  const reached = reach(files);
  expect(
    [...reached].filter(
      (file) => file === 'vscode' || /^src\/(commands|views|ui|platform|lsp|app|extension)/u.test(file),
    ),
  ).toEqual([]);
});

test('activation loads of the packages only what reads records', () => {
  const packages = [...reach(['src/extension.ts'], false)].flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1] ?? [],
  );
  expect([...new Set(packages)]).toEqual(['zod']);
});

test('only src/core/process starts programs, and src/core/system asks the system', () => {
  const starters = Object.entries(inputs).filter(
    ([file, { imports }]) =>
      file.startsWith('src/') && imports.some((one) => /^(node:)?child_process$|node_modules\/execa\//u.test(one.path)),
  );
  expect(starters.map(([file]) => file).filter((file) => !/^src\/core\/(?:process|system)\//u.test(file))).toEqual([]);
});

test('only src/core/guard reaches for the supervision of guests', () => {
  const importers = Object.entries(inputs)
    .filter(
      ([file, { imports }]) =>
        file.startsWith('src/') && imports.some((one) => one.path === 'src/core/process/supervision.ts'),
    )
    .map(([file]) => file);
  expect(importers.filter((file) => !file.startsWith('src/core/guard/'))).toEqual(['src/core/process/programs.ts']);
});

test('only the extension imports the app, and nothing imports the extension', () => {
  const importers = (target: string): string[] =>
    Object.entries(inputs)
      .filter(([file, { imports }]) => file.startsWith('src/') && imports.some((one) => one.path === target))
      .map(([file]) => file);
  expect(importers('src/extension.ts')).toEqual([]);
  expect(importers('src/app.ts').filter((file) => file !== 'src/extension.ts')).toEqual([]);
});
