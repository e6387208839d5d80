import { BEGIN, END, FORMATS } from './words';

/** Longest stretch that is held back for what may go on in the next piece, in characters. */
export const LONGEST_HELD = 16_384;
const PREFIXES = [
  ...FORMATS.map(([prefix]) => prefix),
  'eyJ',
  'Bearer',
  'bearer',
  'Basic',
  'basic',
  'Authorization',
  'authorization',
  'Proxy-Authorization',
  'proxy-authorization',
];
const OPEN_HEADER = /\b(?:bearer|basic|authorization)\b[^\n]{0,400}$/iu;
const OPEN_URL = /:(?:\/(?:\/[^\s@]{0,400})?)?$/u;
const OPEN_NAME = /(?<![A-Z0-9_])[A-Z0-9_]{1,160}$/u;
const OPEN_VALUE =
  /(?<![A-Z0-9_])[A-Z0-9_]{0,60}(?:TOKEN|SECRET|PASSW|KEY|CREDENTIAL)[A-Z0-9_]{0,50}=["']?[\w+/=.~-]{0,400}$/u;

const ENDED = new RegExp(`${END.source}$`, 'u');

/** How many characters at the end of a text may be the beginning of a secret that goes on in the next piece. */
export function unfinishedWord(text: string): number {
  const tail = text.slice(-LONGEST_HELD);
  const line = text.slice(-600);
  const open = [OPEN_HEADER, OPEN_URL, OPEN_NAME, OPEN_VALUE].map((form) => form.exec(line)?.[0].length ?? 0);
  return Math.max(unfinishedKey(tail), unfinishedPrivateKey(tail), ...open);
}

/** Characters of keys, by their code. */
const IN_KEY = Uint8Array.from({ length: 128 }, (_, code) =>
  /\w/u.test(String.fromCharCode(code)) ? 2 : code === 0x2d || code === 0x2e ? 1 : 0,
);
const FIRST = new Set(PREFIXES.map((prefix) => prefix.charCodeAt(0)));

function unfinishedKey(tail: string): number {
  let start = tail.length;
  while (start > 0 && (IN_KEY[tail.charCodeAt(start - 1)] ?? 0) > 0) start--;
  for (let at = start; at < tail.length; at++) {
    if (!FIRST.has(tail.charCodeAt(at)) || (at > start && IN_KEY[tail.charCodeAt(at - 1)] === 2)) continue;
    if (PREFIXES.some((prefix) => tail.startsWith(prefix, at) || prefix.startsWith(tail.slice(at, at + prefix.length))))
      return tail.length - at;
  }
  return 0;
}

function unfinishedPrivateKey(tail: string): number {
  const begin = tail.lastIndexOf('-----BEGIN ');
  if (begin !== -1 && (tail.length - begin < 70 || BEGIN.test(tail.slice(begin))) && !END.test(tail.slice(begin)))
    return tail.length - begin;
  if (ENDED.test(tail.slice(-80))) return 0;
  for (let length = Math.min(10, tail.length); length > 0; length--)
    if (tail.endsWith('-----BEGIN '.slice(0, length))) return length;
  return 0;
}
