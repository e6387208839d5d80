import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLink } from 'vscode-languageserver/node';
import { isInside } from '../../core/artifacts/inside';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { rangeInLine } from '../ranges';
import { FILE_REFERENCE, HAS_ENDING, MAX_LINE } from './planPaths';

/** Maximum number of links in one document. */
const MAX_LINKS = 5_000;

/** Links to the existing files of the repository that a text names. */
export async function fileLinks(document: OpenDocument, disk: Disk): Promise<DocumentLink[]> {
  if (document.tooLarge) return [];
  const { top } = document.place.paths;
  const found: Promise<DocumentLink | null>[] = [];
  for (let line = 0; line < document.text.lineCount && found.length < MAX_LINKS; line++) {
    const text = document.line(line);
    if (text.length > MAX_LINE) continue;
    for (const match of text.matchAll(FILE_REFERENCE)) {
      const at = match[2] ?? match[3];
      const whole = at === undefined ? match[0].replace(/(?<!\.)\.+$/u, '') : match[0];
      const name = at === undefined ? whole : (match[1] ?? '');
      if (at === undefined && !(name.includes('/') && HAS_ENDING.test(name))) continue;
      const file = path.resolve(top, name);
      const link: DocumentLink = {
        range: rangeInLine(line, match.index, match.index + whole.length),
        target: `${pathToFileURL(file).href}${at === undefined ? '' : `#L${at}`}`,
      };
      if (isInside(top, file))
        found.push(Promise.resolve(disk.pathExists(top, name)).then((there) => (there ? link : null)));
    }
  }
  return (await Promise.all(found)).filter((link) => link !== null);
}
