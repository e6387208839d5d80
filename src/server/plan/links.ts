import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLink } from 'vscode-languageserver/node';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { HAS_ENDING, SEGMENT } from './references';

/**
 * `src/a.ts:12`, `src/a.ts:12-20`, `src/a.ts#L12`, `Makefile:3`, `src/a.ts`: with a line, or with a folder and an
 * ending, else it may be any word.
 */
const REFERENCE = new RegExp(
  String.raw`(?<![\p{L}\p{N}_@/.:~+-])(/?${SEGMENT}(?:/${SEGMENT})*)(?::(\d{1,7})(?:[-:]\d{1,7})?|#L(\d{1,7}))?(?![\p{L}\p{N}_/])`,
  'gu',
);
const MAX_LINKS = 5_000;

/** Links to the files of the repository that a text names; a name that is no file there is no link. */
export async function fileLinks(document: OpenDocument, disk: Disk): Promise<DocumentLink[]> {
  if (document.tooLarge) return [];
  const { top } = document.place.paths;
  const found: Promise<DocumentLink | null>[] = [];
  for (let line = 0; line < document.text.lineCount && found.length < MAX_LINKS; line++) {
    const text = document.line(line);
    if (text.length > 10_000) continue;
    for (const match of text.matchAll(REFERENCE)) {
      const at = match[2] ?? match[3];
      const whole = at === undefined ? match[0].replace(/(?<!\.)\.+$/u, '') : match[0];
      const name = at === undefined ? whole : (match[1] ?? '');
      if (at === undefined && !(name.includes('/') && HAS_ENDING.test(name))) continue;
      const link: DocumentLink = {
        range: { start: { line, character: match.index }, end: { line, character: match.index + whole.length } },
        target: `${pathToFileURL(path.resolve(top, name)).href}${at === undefined ? '' : `#L${at}`}`,
      };
      const inside = path.resolve(top, name).startsWith(top + path.sep);
      if (inside) found.push(Promise.resolve(disk.pathExists(top, name)).then((there) => (there ? link : null)));
    }
  }
  return (await Promise.all(found)).filter((link) => link !== null);
}
