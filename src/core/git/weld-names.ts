/**
 * Names below `.weld` as they stand in a tree: there may be nested repositories, whose `.git` no tree can name, and
 * bytes of any kind. Letters, digits and a few signs stand for themselves, all else as `%` and two digits.
 */
const PLAIN = /^[A-Za-z0-9._ @+,=-]$/u;
/** What git refuses in a tree, in the ways that file systems also know it by. */
const REFUSED = /^(?:\.git|git~)/iu;

/** Says of an empty folder that it is there; no other name has a `%` that two digits do not follow. */
export const EMPTY_FOLDER = '%folder';

/** At the top of `.weld`: the lock is not kept, nor what is rebuilt or only there while something is at work. */
export const NOT_KEPT: ReadonlySet<string> = new Set(['active.lock', 'lock', 'workers', 'staging', 'cache']);

/** @param name one part of a path, a letter for each byte */
export function encodePart(name: string): string {
  const encoded = [...name].map((letter) => (PLAIN.test(letter) ? letter : hex(letter))).join('');
  return REFUSED.test(encoded) ? `${hex(name[0] ?? '')}${encoded.slice(1)}` : encoded;
}

/** @returns the path with a letter for each byte */
export function decodePath(encoded: string): string {
  return encoded.replace(/%([0-9a-f]{2})/gu, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** As shown to people. */
export const shownPath = (encoded: string): string =>
  Buffer.from(decodePath(encoded).replace(`/${EMPTY_FOLDER}`, ''), 'latin1').toString('utf8');

const hex = (letter: string): string => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
