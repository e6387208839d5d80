/** A heading's place among steps: one, nearly one, or something else. */
export interface StepHeading {
  readonly n: number;
  readonly title: string;
}

const STRICT = /^Step[ \t]+(\d{1,9}):[ \t]*(.*)$/su;
const UNITS = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten',
  'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen',
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
/** By number, from 0 to 99. */
const WORDS = [...UNITS, ...TENS.flatMap((ten) => UNITS.slice(0, 10).map((unit, at) => (at === 0 ? ten : `${ten}-${unit}`)))];
/** Marks or emoji, perhaps a list's number, the word and a number; "1.1" and "one-off" are none. */
const NUMBERED = String.raw`^[^\p{L}\p{N}]*(?:\d{1,3}[.)][ \t]*)?step[ \t_#№-]*(?:(\d{1,9})[a-z]?|(${WORDS.toReversed().join('|').replaceAll('-', '[ -]')}))(?![\p{L}\p{N}]|[.-][\p{L}\p{N}])`;
/** "of 3" and a remark in parentheses may stand before what separates the title. */
const NEARLY = new RegExp(String.raw`${NUMBERED}(?:[ \t]+of[ \t]+\w+)?[ \t]*(\([^()]*\))?[ \t]*(?:$|[:：.)—–-][ \t:]*(.*)$)`, 'isu');
/** In a heading the title may follow at once. */
const WITHOUT_COLON = /^[^\p{L}\p{N}]*[Ss]tep[ \t]+(\d{1,9})[ \t]+([\p{Lu}\p{Lo}].*)$/su;

/** The text of an ATX heading's line, without marks; null when the line is none. `depth` counts the marks. */
export function atxHeading(line: string): { depth: number; text: string } | null {
  const match = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/su.exec(line);
  if (match === null) return null;
  return { depth: (match[1] ?? '').length, text: (match[2] ?? '').replace(/(?:^|[ \t])#+[ \t]*$/u, '').trim() };
}

/** `## Step N: Title`, exactly; the title may be empty. @param line a heading's source line */
export function strictStep(line: string): StepHeading | null {
  const heading = atxHeading(line);
  return heading?.depth === 2 ? strictText(heading.text) : null;
}

function strictText(text: string): StepHeading | null {
  const match = STRICT.exec(text);
  return match === null ? null : { n: Number(match[1]), title: titleOf(match[2] ?? '') };
}

/** Titles name folders and commits: control characters have no place there. */
const titleOf = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/**
 * What a heading that nearly is a step probably means: `# Step 1`, `## Step one:`, `### Step 2: Title`, `**Step 3: Title**`.
 * @param text one line, with or without heading marks, also `##Step 2` @returns null for a step and for any other heading
 */
export function nearlyStep(text: string): StepHeading | null {
  if (strictStep(text) !== null) return null;
  const heading = atxHeading(text.replace(/^( {0,3}#{1,6})(?=step)/iu, '$1 '));
  const bare = (heading?.text ?? text.trim()).replace(/^(\*\*|__|\*|_)(.*?)\1:?$/u, '$2').replace(/[*_`]/gu, '').trim();
  const match = NEARLY.exec(bare);
  if (match !== null) {
    const [, digits, word = '', remark = '', title = ''] = match;
    return { n: digits === undefined ? WORDS.indexOf(word.toLowerCase().replace(' ', '-')) : Number(digits), title: titleOf(`${title} ${remark}`) };
  }
  const plain = heading !== null && heading.depth <= 2 ? WITHOUT_COLON.exec(bare) : null;
  return plain === null ? null : { n: Number(plain[1]), title: titleOf(plain[2] ?? '') };
}
