/**
 * `npm run build`: bundles to `dist`. With `--sourcemap`, breakpoints work. The server and the supervisor are one file
 * each. The extension is a small `extension.js` and chunks, so that a window loads only what it uses: an `import()`
 * in the code is the border of a chunk.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';
import { out, root } from './paths';

const sourcemap = process.argv.includes('--sourcemap') ? 'inline' : false;
const dist = path.join(root, 'dist');
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['vscode'],
  outdir: dist,
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  sourcemap,
} as const satisfies BuildOptions;

/** The bundler splits only modern modules; the editor loads CommonJS quicker, and on its older versions too. */
async function buildExtension(): Promise<Metafile> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: ['src/extension.ts'],
    format: 'esm',
    splitting: true,
    minify: false,
    write: false,
  });
  await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const { code } = await transform(requireOnce(text), {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minify: true,
        sourcemap,
        sourcefile: path.relative(root, file),
      });
      fs.writeFileSync(file, code);
    }),
  );
  return metafile;
}

/**
 * Takes a module as it is wherever all of it is imported. The bundler would copy its members in every file that
 * imports it, at each start: the editor's 400, some 20 times.
 */
function requireOnce(text: string): string {
  return text.replace(
    /^import \* as (?<name>[\w$]+) from "(?<from>vscode|node:[\w/]+)";$/gmu,
    'const $<name> = require("$<from>");',
  );
}

async function main(): Promise<void> {
  fs.rmSync(dist, { recursive: true, force: true });
  fs.mkdirSync(dist, { recursive: true });
  const programs = build({
    ...common,
    entryPoints: { server: 'src/server/main.ts', supervisor: 'src/core/process/supervisor/main.ts' },
    format: 'cjs',
  });
  const [extension, { metafile }] = await Promise.all([buildExtension(), programs]);
  // What the bundles hold, for the third-party notices.
  const held: Metafile = {
    inputs: { ...extension.inputs, ...metafile.inputs },
    outputs: { ...extension.outputs, ...metafile.outputs },
  };
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, 'bundles.json'), JSON.stringify(held));
}

void main();
