import { narrow } from './marks';

const UNITS = [
  ...'zero one two three four five six seven eight nine'.split(' '),
  ...'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' '),
];

const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** Number words, indexed by their value from 0 to 99. */
const WORDS = [
  ...UNITS,
  ...TENS.flatMap((ten) => UNITS.slice(0, 10).map((unit, at) => (at === 0 ? ten : `${ten}-${unit}`))),
];

/** Indexed by their value; 0 has none. */
const ROMANS = ' i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx'.split(' ');

/** Indexed by their value; 0 has none. */
const CHINESE = ' 一 二 三 四 五 六 七 八 九 十'.split(' ');

/** A number found at the start of a text. */
export interface Counted {
  readonly n: number;
  /** Whether it has parts, such as 2.1; `n` is then the last part. */
  readonly decimal: boolean;
  /** Length of the number in the text, in UTF-16 units. */
  readonly length: number;
  /** True for digits and number words. A letter or a Roman numeral may as well be an ordinary word. */
  readonly sure: boolean;
}

const DIGITS = /^[\d\uff10-\uff19]{1,9}(?:\.[\d\uff10-\uff19]{1,4}){0,4}/u;

const WORD = /^[a-z]{1,10}(?:[ -][a-z]{3,5}(?![a-z]))?/iu;

/**
 * Reads a number at the start of a text: digits, a number word, a Roman numeral or a letter.
 * @returns null when the text does not begin with a number
 */
export function countAt(text: string): Counted | null {
  const digits = DIGITS.exec(text)?.[0];
  if (digits !== undefined) {
    const parts = narrow(digits).split('.');
    return { n: Number(parts.at(-1)), decimal: parts.length > 1, length: digits.length, sure: true };
  }
  const chinese = CHINESE.indexOf(text.charAt(0));
  if (chinese > 0) return { n: chinese, decimal: false, length: 1, sure: true };
  const words = WORD.exec(text)?.[0].toLowerCase();
  if (words === undefined) return null;
  const first = words.split(/[ -]/u, 1)[0] ?? '';
  for (const said of [words, first]) {
    const n = WORDS.indexOf(said.replace(' ', '-'));
    if (n >= 0) return { n, decimal: false, length: said.length, sure: true };
  }
  const roman = ROMANS.indexOf(first);
  if (roman > 0) return { n: roman, decimal: false, length: first.length, sure: false };
  return first.length === 1 ? { n: first.charCodeAt(0) - 96, decimal: false, length: 1, sure: false } : null;
}
