export const HIDDEN = '***';

/** Formats of keys that services issue, as secret scanners know them: a prefix and what must follow. */
export const FORMATS: readonly (readonly [prefix: string, rest: string])[] = [
  ['sk-', String.raw`[\w-]{8,}`],
  ['sk_live_', String.raw`\w{8,}`],
  ['sk_test_', String.raw`\w{8,}`],
  ['rk_live_', String.raw`\w{8,}`],
  ['rk_test_', String.raw`\w{8,}`],
  ['whsec_', String.raw`\w{8,}`],
  ['ghp_', String.raw`\w{8,}`],
  ['gho_', String.raw`\w{8,}`],
  ['ghu_', String.raw`\w{8,}`],
  ['ghs_', String.raw`\w{8,}`],
  ['ghr_', String.raw`\w{8,}`],
  ['github_pat_', String.raw`\w{8,}`],
  ['glpat-', String.raw`[\w-]{8,}`],
  ['gldt-', String.raw`[\w-]{8,}`],
  ['glrt-', String.raw`[\w-]{8,}`],
  ['glptt-', String.raw`[\w-]{8,}`],
  ['xoxa-', String.raw`[\w-]{8,}`],
  ['xoxb-', String.raw`[\w-]{8,}`],
  ['xoxe-', String.raw`[\w-]{8,}`],
  ['xoxp-', String.raw`[\w-]{8,}`],
  ['xoxr-', String.raw`[\w-]{8,}`],
  ['xoxs-', String.raw`[\w-]{8,}`],
  ['xapp-', String.raw`[\w-]{8,}`],
  ['AKIA', '[0-9A-Z]{12,}'],
  ['ASIA', '[0-9A-Z]{16}(?![0-9A-Za-z])'],
  ['AIza', String.raw`[\w-]{30,}`],
  ['ya29.', String.raw`[\w-]{16,}`],
  ['GOCSPX-', String.raw`[\w-]{16,}`],
  ['npm_', String.raw`[A-Za-z0-9]{30,}`],
  ['pypi-', String.raw`[\w-]{30,}`],
  ['hf_', '[A-Za-z0-9]{20,}'],
  ['dop_v1_', '[0-9a-f]{20,}'],
  ['dckr_pat_', String.raw`[\w-]{16,}`],
  ['lin_api_', String.raw`\w{16,}`],
  ['shpat_', '[0-9a-fA-F]{20,}'],
  ['SG.', String.raw`[\w-]{16,}\.[\w-]{16,}`],
  ['dapi', '[0-9a-f]{30,}'],
  ['ATATT3', String.raw`[\w-]{20,}`],
  ['AGE-SECRET-KEY-', '[0-9A-Z]{20,}'],
  ['xai-', String.raw`[\w-]{20,}`],
  ['gsk_', String.raw`\w{20,}`],
];

const literal = (text: string): string => text.replace(/[.\\]/gu, '\\$&');
const KEYS = FORMATS.map(([prefix, rest]) => literal(prefix) + rest).join('|');
const KEY = new RegExp(String.raw`\b(?:${KEYS})`, 'gu');
/**
 * Takes a three-part token as one match, secret or not: searching again at every "eyJ" in it would take quadratic time.
 */
const KEY_OR_RUN = new RegExp(String.raw`\b(?:${KEYS}|eyJ[\w-]*(?:\.[\w-]+)*)`, 'gu');
const IN_HEADER =
  /\b((?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:bearer|basic|token|digest|negotiate)\s{1,4})?[^\s"',;*\\]{4,}/giu;
const BEARER = /\b((?:bearer|basic)\s{1,4})(?=[\w.+/=~-]{0,400}\d|[\w.+/=~-]{24})[\w.+/=~-]{8,}/giu;
const IN_URL = /(:\/\/[^\s/@:"'\\]{0,100}:)[^\s/@"'*\\]{1,300}@/gu;
/** Assignments such as `AWS_SECRET_ACCESS_KEY=…`, as programs print their environment. */
const ASSIGNED =
  /(?<![A-Z0-9_])([A-Z0-9_]{0,60}(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)(?:_[A-Z0-9_]{0,40})?=["']?)(?=[\w+/=.~-]{0,200}\d)[\w+/=.~-]{12,}/gu;

/** Hides whatever has the form of a secret. Linear in the text's length. */
export function hideSecretWords(text: string): string {
  let clean = hidePrivateKeys(text).replace(KEY_OR_RUN, (word) => (word.startsWith('eyJ') ? hideToken(word) : HIDDEN));
  // A plain search is much faster than these patterns, and usually finds nothing.
  if (/uthoriz|UTHORIZ/u.test(clean)) clean = clean.replace(IN_HEADER, `$1${HIDDEN}`);
  if (/earer|asic|EARER|ASIC/u.test(clean)) clean = clean.replace(BEARER, `$1${HIDDEN}`);
  if (/(?:TOKEN|SECRET|PASSW|KEY|CREDENTIAL)[A-Z0-9_]{0,60}=/u.test(clean))
    clean = clean.replace(ASSIGNED, `$1${HIDDEN}`);
  return clean.includes('://') ? clean.replace(IN_URL, `$1${HIDDEN}@`) : clean;
}

/** Hides a signed token, three long parts in a row; anything else that begins like one may still contain a key. */
function hideToken(run: string): string {
  const parts = run.split('.');
  const signed = parts.some(
    (part, i) =>
      /(?:^|-)eyJ[\w-]{8}/u.test(part) && (parts[i + 1] ?? '').length >= 8 && (parts[i + 2] ?? '').length >= 8,
  );
  return signed ? HIDDEN : run.replace(KEY, HIDDEN);
}

export const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/u;
export const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/u;

/** Hides private keys from the first line to the last, or to where they break off. */
function hidePrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  let shown = '';
  let rest = text;
  for (let begin = BEGIN.exec(rest); begin; begin = BEGIN.exec(rest)) {
    const from = begin.index + begin[0].length;
    const end = END.exec(rest.slice(from));
    shown += rest.slice(0, begin.index) + HIDDEN;
    const broken = /^(?:[\w+/=\s:,-]|\\[nr])*/u.exec(rest.slice(from))?.[0].length ?? 0;
    rest = rest.slice(end ? from + end.index + end[0].length : from + broken);
  }
  return shown + rest;
}

/** Maximum number of characters held back for a secret that may continue in the next piece. */
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

/** Number of characters at the end that may begin a secret which continues in the next piece. */
export function unfinishedWord(text: string): number {
  const tail = text.slice(-LONGEST_HELD);
  const line = text.slice(-600);
  const open = [OPEN_HEADER, OPEN_URL, OPEN_NAME, OPEN_VALUE].map((form) => form.exec(line)?.[0].length ?? 0);
  return Math.max(unfinishedKey(tail), unfinishedPrivateKey(tail), ...open);
}

/** Characters that occur in keys, by code: 2 for word characters, 1 for "-" and ".", else 0. */
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
