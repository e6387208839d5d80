/** A heading's place among steps: one, nearly one, or something else. */
export interface StepHeading {
  readonly n: number;
  readonly title: string;
}

const STRICT = /^Step[ \t]+(\d{1,9}):[ \t]*(.*)$/su;
const WORDS = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten',
  'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty',
];
const NEARLY = new RegExp(`^(?:\\d{1,3}[.)][ \\t]*)?step[ \\t_#№-]*(\\d{1,9}|${WORDS.toReversed().join('|')})[ \\t]*(?:$|[:：.)—–-][ \\t:]*(.*)$)`, 'isu');

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
 * @param text one line, with or without heading marks @returns null for a step and for any other heading
 */
export function nearlyStep(text: string): StepHeading | null {
  if (strictStep(text) !== null) return null;
  const bare = (atxHeading(text)?.text ?? text.trim()).replace(/^(\*\*|__|\*|_)(.*?)\1:?$/u, '$2').replace(/[*_`]/gu, '').trim();
  const match = NEARLY.exec(bare);
  if (match === null) return null;
  const word = (match[1] ?? '').toLowerCase();
  const n = WORDS.includes(word) ? WORDS.indexOf(word) : Number(word);
  return { n, title: titleOf(match[2] ?? '') };
}
