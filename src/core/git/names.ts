import { isUtf8 } from 'node:buffer';
import * as path from 'node:path';

/** A byte that is not UTF-8 becomes this number plus the byte: a lone surrogate, which valid UTF-8 never contains. */
const BYTE_BASE = 0xdc00;
/**
 * A complete UTF-8 sequence by the standard's table, or a byte outside of one. Matches text with one character per
 * byte.
 */
const SEQUENCE = new RegExp(
  String.raw`[\0-\x7f]+|(?:[\xc2-\xdf]|\xe0(?=[\xa0-\xbf])[\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]` +
    String.raw`|\xed(?=[\x80-\x9f])[\x80-\xbf]|\xf0(?=[\x90-\xbf])[\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{2}` +
    String.raw`|\xf4(?=[\x80-\x8f])[\x80-\xbf]{2})[\x80-\xbf]|[\x80-\xff]`,
  'gu',
);
const LONE = /\p{Surrogate}/gu;
/** Characters that break a line, move the cursor or change text direction, and those that represent bytes. */
const UNSHOWABLE = /[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ANY_UNSHOWABLE = new RegExp(UNSHOWABLE.source, 'u');

/**
 * Decodes the name of a file from git or the disk. Bytes that are not UTF-8 become U+DC80 to U+DCFF; `encodeName`
 * reverses this.
 */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return buffer
    .toString('latin1')
    .replace(SEQUENCE, (part) =>
      part.length === 1 && part >= '\x80'
        ? String.fromCharCode(BYTE_BASE + part.charCodeAt(0))
        : Buffer.from(part, 'latin1').toString('utf8'),
    );
}

/** @returns the bytes from which `decodeName` made the name; UTF-8 for other text */
export function encodeName(name: string): Buffer {
  if (isPlain(name)) return Buffer.from(name, 'utf8');
  const parts: Buffer[] = [];
  let end = 0;
  for (const { 0: lone, index } of name.matchAll(LONE)) {
    parts.push(
      Buffer.from(name.slice(end, index), 'utf8'),
      byteOf(lone) === null ? Buffer.from(lone, 'utf8') : Buffer.of(byteOf(lone) ?? 0),
    );
    end = index + lone.length;
  }
  return Buffer.concat([...parts, Buffer.from(name.slice(end), 'utf8')]);
}

/**
 * The name for people, logs and prompts, always on one line: `\xff` for a byte, `\n` for a control character. If a name
 * needs such an escape, its backslashes are doubled.
 */
export function showName(name: string): string {
  if (!ANY_UNSHOWABLE.test(name)) return name;
  return name.replaceAll('\\', '\\\\').replace(UNSHOWABLE, (letter) => {
    const code = letter.charCodeAt(0);
    if (letter === '\n' || letter === '\t' || letter === '\r') return { '\n': '\\n', '\t': '\\t', '\r': '\\r' }[letter];
    const byte = byteOf(letter) ?? code;
    return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Output of git as text. Each byte that is not UTF-8 becomes `\\xff`, so that different contents look different. */
export function showBytes(bytes: Uint8Array): string {
  return decodeName(bytes).replace(LONE, (lone) => `\\x${(lone.charCodeAt(0) - BYTE_BASE).toString(16)}`);
}

/** Whether the name is valid UTF-8, which every program and text can hold. */
export function isPlain(name: string): boolean {
  return !/\p{Surrogate}/u.test(name);
}

/**
 * The path of a file in the work tree, for the file system. @param name relative to `top`, with forward slashes, as
 * git gives it
 */
export function onDisk(top: string, name: string): string | Buffer {
  return isPlain(name) ? path.join(top, name) : Buffer.concat([Buffer.from(top + path.sep, 'utf8'), encodeName(name)]);
}

function byteOf(letter: string): number | null {
  const byte = letter.charCodeAt(0) - BYTE_BASE;
  return letter.length === 1 && byte >= 0x80 && byte <= 0xff ? byte : null;
}

/**
 * Characters that names below `.weld` keep in a tree; others become `%` and two hex digits. This allows names that a
 * tree cannot hold: the `.git` of a nested repository, and arbitrary bytes.
 */
const UNENCODED = /^[A-Za-z0-9._ @+,=-]$/u;
/** Names that git refuses in a tree, including aliases on some file systems. */
const REFUSED = /^(?:\.git|git~)/iu;

/** Marks an empty folder. In other names two hex digits follow each `%`. */
export const EMPTY_FOLDER = '%folder';

/** Names at the top of `.weld` that are not kept: the lock, caches and temporary files. */
export const NOT_KEPT: ReadonlySet<string> = new Set(['active.lock', 'lock', 'workers', 'staging', 'cache']);

/** Encodes one part of a path. @param name with one character per byte */
export function encodePart(name: string): string {
  const encoded = [...name].map((letter) => (UNENCODED.test(letter) ? letter : hex(letter))).join('');
  return REFUSED.test(encoded) ? `${hex(name[0] ?? '')}${encoded.slice(1)}` : encoded;
}

/** @returns the path with one character per byte */
export function decodePath(encoded: string): string {
  return encoded.replace(/%([0-9a-f]{2})/gu, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** The decoded path, for people. */
export const shownPath = (encoded: string): string =>
  Buffer.from(decodePath(encoded).replace(`/${EMPTY_FOLDER}`, ''), 'latin1').toString('utf8');

const hex = (letter: string): string => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
