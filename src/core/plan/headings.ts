import { wordSet } from '../util/text';
import { type Counted, countAt } from './counting';
import { type Marked, splitMark, withoutInvisible } from './marks';
import { matched } from './planText';

/** The content of a step heading. */
export interface StepHeading extends Marked {
  readonly n: number;
}

/** A heading with a number: a step, a phase, or a number only. */
export interface Candidate extends StepHeading {
  readonly kind: 'step' | 'phase' | 'number';
  /** Whether the word is `step` or `task`, not one that counts other things too. */
  readonly plain: boolean;
  /** Whether the number has parts, such as 2.1. */
  readonly decimal: boolean;
}

/**
 * Reads an ATX heading (`## Text`).
 * @returns its text without marks, and its level from 1 to 6; null when the line is not a heading
 */
export function atxHeading(line: string): { depth: number; text: string } | null {
  const match = /^ {0,3}(#{1,6})(?![^ \t])/u.exec(line);
  if (match === null) return null;
  return { depth: (match[1] ?? '').length, text: withoutClosingMarks(line.slice(match[0].length)).trim() };
}

/** Returns the text of a heading's line, whether it has marks or is underlined. */
export const headingText = (line: string): string => atxHeading(line)?.text ?? line;

/** Removes closing marks, which must follow a space. */
function withoutClosingMarks(text: string): string {
  const end = text.trimEnd();
  let at = end.length;
  while (at > 0 && end.charAt(at - 1) === '#') at--;
  return at === end.length || (at > 0 && !/[ \t]/u.test(end.charAt(at - 1))) ? text : end.slice(0, at);
}

const STRICT = /^Step[ \t]+(\d{1,9}):/u;

/**
 * Reads exactly `## Step N: Title`; the title may be empty.
 * @param line a heading's source line
 */
export function strictStep(line: string): StepHeading | null {
  const heading = atxHeading(line);
  return heading?.depth === 2 ? strictText(heading.text) : null;
}

/**
 * Reads `Step N: Title`.
 * @param text a heading's text without marks
 */
export function strictText(text: string): StepHeading | null {
  const match = STRICT.exec(text);
  return match === null ? null : { n: Number(match[1]), ...splitMark(titleOf(text.slice(match[0].length))) };
}

/** Removes control characters, because titles become names of folders and subjects of commits. */
const titleOf = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

const PLAIN = wordSet('step steps task tasks');
const STEPS = wordSet(`
  step steps task tasks subtask todo item action story ticket pr commit change schritt aufgabe étape etape tâche paso
  tarea passo tarefa stap taak krok шаг задача 步骤 步驟 任务 任務 ステップ 手順 단계
`);
const PHASES = wordSet(`
  phase phases stage milestone part sprint iteration epic wave track fase etappe teil этап 阶段 階段 フェーズ
`);
const WORD = /^\p{L}{2,10}/u;
/** Text between the word and its number: "Step #1", "Step-1", "Step No. 1". */
const TO_NUMBER = /^[ \t_#№.-]{0,8}(?:n[ro]\.?[ \t]{1,4})?/iu;
/** "1–3", "2/3", "1 of 3", "1 and 2". */
const RANGE = /^(?:[-–/]\d{1,3}|[ \t]{1,4}(?:of|to|and|&|von|bis)[ \t]{1,4}\w{1,10})(?![\p{L}\p{N}.])/iu;
const REMARK = /^[ \t]{0,8}(\([^()]{0,200}\)|\[[^[\]]{0,200}\])/u;
const SEPARATOR = /^[ \t]{0,8}(?:[:：.)）\]】—–→|·、-])[ \t:：]{0,8}/u;
/** In a heading the title may follow the number without a separator. */
const CAPITAL = /^[ \t]{1,8}(?=["'“]?[\p{Lu}\p{Lo}])/u;
const LEADING_NUMBER = /^\(?\d{1,3}[.)][ \t]{0,8}/u;
/** Maximum length of a heading, in UTF-16 units. A longer line is prose. */
const MOST = 2_000;

/**
 * Reads what a heading, or a line that may be meant as one, counts.
 * @param text its text without heading marks
 * @param heading whether it is a real heading; only then may its title follow without a colon
 */
export function readCandidate(text: string, heading: boolean): Candidate | null {
  if (text.length > MOST) return null;
  const outer = splitMark(
    withoutInvisible(text)
      .replace(/[*_`~]+/gu, '')
      .trim(),
  );
  const bare = outer.title.replace(/^[^\p{L}\p{N}]+/u, '');
  const found =
    readWord(bare, heading) ?? readWord(bare.replace(LEADING_NUMBER, ''), heading) ?? readNumber(bare, heading);
  return found === null || outer.mark === undefined ? found : { ...found, mark: outer.mark };
}

const kindOf = (word: string): 'step' | 'phase' | null =>
  STEPS.has(word) ? 'step' : PHASES.has(word) ? 'phase' : null;

function readWord(bare: string, heading: boolean): Candidate | null {
  const first = matched(/^第[ \t]{0,2}/u, bare);
  if (first !== '') return readChinese(bare.slice(first.length));
  const word = matched(WORD, bare);
  const known = word.toLowerCase();
  const kind = kindOf(known);
  if (kind === null) return null;
  const behind = bare.slice(word.length);
  const gap = matched(TO_NUMBER, behind);
  const counted = countAt(behind.slice(gap.length));
  // "Steps" and "Step-by-step" have no number; a number word must be separated from the word before it.
  if (counted === null || (gap === '' && !/^[\d\uff10-\uff19]/u.test(behind))) return null;
  const after = behind.slice(gap.length + counted.length);
  // "Phase 1, Step 2: …" names both in one heading.
  const inner = kind === 'phase' ? readWord(after.replace(/^[ \t,;:/|.–—-]{1,8}/u, ''), heading) : null;
  if (inner?.kind === 'step') return { ...inner, decimal: true };
  const rest = readTitle(after, heading && counted.sure, counted);
  if (rest === null) return null;
  return { n: counted.n, kind, plain: PLAIN.has(known), decimal: counted.decimal, ...rest };
}

/** "第1步：…", "第二阶段". */
function readChinese(text: string): Candidate | null {
  const counted = countAt(text);
  if (counted === null) return null;
  const word = /^[ \t]{0,2}(步|步骤|步驟|阶段|階段|段階)(?!\p{L})/u.exec(text.slice(counted.length));
  if (word === null) return null;
  const rest = readTitle(text.slice(counted.length + word[0].length), true, counted);
  return rest === null
    ? null
    : {
        n: counted.n,
        kind: word[1]?.startsWith('步') === true ? 'step' : 'phase',
        plain: true,
        decimal: false,
        ...rest,
      };
}

/** Reads a heading with a number only: "1. Title", "2.1 Title", "3) Title". */
function readNumber(bare: string, heading: boolean): Candidate | null {
  if (!heading || !/^[\d\uff10-\uff19]{1,3}(?![\d\uff10-\uff19])/u.test(bare)) return null;
  const counted = countAt(bare);
  const rest = counted === null ? null : readTitle(bare.slice(counted.length), true, counted);
  return counted === null || rest === null || rest.title === ''
    ? null
    : { n: counted.n, kind: 'number', plain: false, decimal: counted.decimal, ...rest };
}

/**
 * Reads the title after a number.
 * @returns null when the number is part of a word, such as "1st" or "one-off"
 */
function readTitle(text: string, capital: boolean, counted: Counted): Marked | null {
  let rest = counted.sure && /^[a-z](?![\p{L}\p{N}])/iu.test(text) ? text.slice(1) : text;
  rest = rest.slice(matched(RANGE, rest).length);
  if (/^(?:[\p{Ll}\p{Lu}\p{N}]|\.[\p{Ll}\p{N}]|-[\p{Ll}\p{Lu}\p{N}])/u.test(rest)) return null;
  const remarks: string[] = [];
  for (let remark = REMARK.exec(rest); remark !== null && remarks.length < 3; remark = REMARK.exec(rest)) {
    remarks.push(remark[1] ?? '');
    rest = rest.slice(remark[0].length);
  }
  const separator = SEPARATOR.exec(rest) ?? (capital ? CAPITAL.exec(rest) : null);
  if (separator === null && rest.trim() !== '') return null;
  return splitMark(titleOf(`${rest.slice(separator?.[0].length ?? 0)} ${remarks.join(' ')}`));
}

/**
 * Reads a line that is almost a step heading: `# Step 1`, `## Step one:`, `### Step 2: Title`, `**Step 3: Title**`.
 * @param line one line, with or without heading marks, also `##Step 2`
 * @returns null for an exact step heading and for any other line
 */
export function nearlyStep(line: string): Candidate | null {
  if (strictStep(line) !== null) return null;
  const heading = atxHeading(line.replace(/^( {0,3}#{1,6})(?=[^#\s])/u, '$1 '));
  const found = readCandidate(heading?.text ?? line.trim(), heading !== null);
  return found?.kind === 'number' && heading === null ? null : found;
}
