/**
 * Writes `dist/THIRD-PARTY-NOTICES.txt`: the licence texts of all packages in the bundles. Run by `npm run package`.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import { out, root } from './paths';

interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** All licence and notice files, one after the other. */
  readonly text: string;
}

const LICENCE_FILE = /^(?:licen[cs]e|notice|copying|copyright)/iu;
/** Licences whose text differs only in the holder; some packages ship without the file. */
const KNOWN = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'CC0-1.0']);

/** The folders of all packages in a bundle. @param inputs of esbuild's metafile */
export function packagesIn(inputs: Metafile['inputs']): string[] {
  const folders = Object.keys(inputs).flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** @throws if the licence of a package is unknown: somebody has to read it first */
export function noticeOf(folder: string): Notice {
  const own = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
    author?: string | { name?: string };
  };
  const license = own.license ?? '';
  if (!KNOWN.has(license))
    throw new Error(
      `${own.name} has the licence "${license}", which nobody has looked at: see test/support/notices.ts`,
    );
  const files = fs
    .readdirSync(path.join(root, folder))
    .filter((name) => LICENCE_FILE.test(name))
    .sort();
  const author = typeof own.author === 'string' ? own.author : (own.author?.name ?? `the authors of ${own.name}`);
  const text = files.map((name) => fs.readFileSync(path.join(root, folder, name), 'utf8').trim()).join('\n\n');
  return {
    name: own.name,
    version: own.version,
    license,
    text:
      text === '' ? `Copyright (c) ${author}. Licensed under ${license}; the package brings no text of its own.` : text,
  };
}

export function noticesText(notices: readonly Notice[]): string {
  const parts = notices.map(
    ({ name, version, license, text }) => `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`,
  );
  return `Weld contains the following packages of other people.\n\n${parts.join('\n')}`;
}

function main(): void {
  const { inputs } = JSON.parse(fs.readFileSync(path.join(out, 'bundles.json'), 'utf8')) as Metafile;
  const notices = packagesIn(inputs).map(noticeOf);
  fs.writeFileSync(path.join(root, 'dist', 'THIRD-PARTY-NOTICES.txt'), noticesText(notices));
}

if (process.argv[1] === import.meta.filename) main();
