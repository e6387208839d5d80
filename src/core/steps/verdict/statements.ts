import type { FoundObject } from './findJson';

/**
 * Patterns of verdicts in other notations than JSON: YAML, other quotes or none, tables, tags, arrays, words. Such text
 * is never read as the verdict, but if it contradicts the verdict, the answer is unreadable. Every repetition in these
 * patterns is bounded, so that matching takes linear time.
 */
const BEFORE = String.raw`(?<![\p{L}\p{N}_])`;
const AFTER = String.raw`(?![\p{L}\p{N}_])`;
const MARKS = String.raw`[\\"'\x60„«»*_~]{0,6}`;
/** After a short value no word may follow except one that begins a reason. "pass: no problems found" must not match. */
const REASON = String.raw`(?:because|since|due|until|unless|but|and|yet|way)\b`;
const ALONE = String.raw`${AFTER}(?![ \t]{1,4}(?!${REASON})[\p{L}\p{N}])`;
const IS = String.raw`${MARKS}\s{0,8}(?:[:=|>]|->|→)>?\s{0,8}${MARKS}\s{0,4}`;
const said = (keys: string, values: string): RegExp => new RegExp(`${BEFORE}(?:${keys})${IS}(?:${values})`, 'u');

const PASSING = 'pass|passe[sd]|passing|approved?|approval|accept(?:ed)?|ok(?:ay)?|success(?:ful)?|lgtm|mergeable';
const VERDICT = 'verdict|result|decision|conclusion|outcome|status|judge?ment|gate|answer|recommendation|grade|review';
const CROSS = '❌|✗|✘|✖|🔴|⛔|🚫|👎';
const REFUSED = [
  `fail(?:s|ed|ing|ure)?${AFTER}`,
  `reject(?:s|ed|ion)?${AFTER}`,
  'not[ _-](?:pass|met|ok|ready|approve|accept)',
  'denied',
  `declined?${AFTER}`,
  `block(?:s|ed|ing)?${AFTER}`,
  'changes?[ _-]requested|request[ _-]changes|needs?[ _-](?:work|changes|fix)',
  'negative',
  `nack${AFTER}`,
  `no[ -]?go${AFTER}`,
].join('|');

const FAILS: readonly RegExp[] = [
  said(PASSING, `false${AFTER}|null${AFTER}|(?:no|n|off|0|none|nil|not|never|f)${ALONE}|${REFUSED}|${CROSS}`),
  said(VERDICT, `(?:a )?(?:${REFUSED})|false${AFTER}|(?:no|0)${ALONE}|${CROSS}`),
  said('fail(?:s|ed|ing|ure)?|reject(?:ed)?|blocked|blocking|denied', `true${AFTER}|(?:yes|y|on|1)${ALONE}`),
  said('severity', 'blocker|critical|blocking'),
  said('blockers?|blocking issues?', '[1-9]'),
  // An array with a name and a value, a call, an attribute.
  new RegExp(`${BEFORE}["'\`](?:pass|passed|approved|ok)["'\`]\\s{0,4},\\s{0,4}["'\`]?(?:false|no|fail)`, 'u'),
  new RegExp(`${BEFORE}(?:pass|passed|approved|ok|verdict)\\s{0,4}\\(\\s{0,4}["'\`]?(?:false|no|0|fail)`, 'u'),
  new RegExp(`<(?:pass|verdict|result)\\s{1,4}\\w{1,20}\\s{0,4}=\\s{0,4}["']?(?:false|no|0|fail)`, 'u'),
  // Words.
  new RegExp(
    `(?:^|\\n)[^\\p{L}\\p{N}\\n]{0,16}(?:${REFUSED}|do not merge|no pass|not a ` +
      `pass)[a-z]{0,4}[^\\p{L}\\p{N}\\n]{0,16}(?=\\n|$)`,
    'u',
  ),
  new RegExp(
    `${BEFORE}(?:verdict|decision|conclusion|recommendation|judge?ment)${AFTER}[^.\\n]{0,40}${BEFORE}(?:${REFUSED})`,
    'u',
  ),
  /\bi(?:'m| am)?(?: (?:must|have to|will|would|can only|therefore|thus|hereby|clearly|still))* (?:fail|reject|block|declin|refus)(?:e|ed|ing)?\b/u,
  /\bi (?:can|do|could|will|would|must|should|did|may|am)(?: ?not|n't)(?: (?:yet|be|able to|let|this|it))* (?:pass|approv|accept|sign)/u,
  /\bi(?:'m| am) (?:not|un)[ -]?(?:able|willing|passing|approving|accepting)/u,
  /\b(?:must|should|can|could|may|shall|will|ought)(?: ?not|n't) (?:to )?be (?:merged|approved|accepted)\b/u,
  /\b(?:must|should|can|could|may|shall|will|ought)(?: ?not|n't) (?:to )?be (?:passed|shipped|committed)\b/u,
  /\b(?:is|are|was)(?: not|n't)(?: yet| ready to be)? (?:acceptable|approved|passing|passed|a pass)\b/u,
  /\b(?:is|are|was)(?: not|n't)(?: yet| ready to be)? (?:ready to (?:merge|pass|ship)|mergeable|done)\b/u,
  /\b(?:step|patch|changes?|diff|implementation|work|it|this|that)(?: (?:clearly|still|therefore|thus))? (?:does|do|did|has|have|can|could|should|must|will|would)(?: ?not|n't)(?: yet)? pass(?:ed)?(?= ?(?:[.!;,:)*_\n]|$|(?:the |this |its |my )?(?:step|gate|review|verdict)))/u,
  /\b(?:step|patch|review|gate|implementation|it|this)(?: (?:clearly|still|therefore|thus|has|is|was))? (?:fail(?:s|ed|ing)?|rejected|blocked)(?= ?(?:[.!;)*_\n]|$|(?:the |this |its |my )?(?:gate|review)))/u,
  /(?<!\bno )(?<!\bno acceptance )\bcriteri(?:on|a)\b[^.\n]{0,80}\b(?:is|are|remains?|was|were|has been|have been)(?: (?:still|clearly|therefore|only partly))?(?: not|n't)?(?: yet)? (?:(?<=not |n't |yet )(?:met|fulfilled|satisfied|done)|unmet|violated)\b/u,
  /\b(?:fails?|misses|violates?|does(?: not|n't) (?:meet|satisfy|fulfil)) (?:the )?(?:acceptance )?criteri(?:on|a)\b/u,
];

const PASSES: readonly RegExp[] = [
  said('pass|passed', `true${AFTER}|(?:yes|y|on|1)${ALONE}`),
  said('verdict|decision', `(?:a )?(?:pass(?:ed|es)?|approved?|accept(?:ed)?|ok)${AFTER}`),
  new RegExp(`${BEFORE}["'\`]pass["'\`]\\s{0,4},\\s{0,4}["'\`]?(?:true|yes)`, 'u'),
];

/** Whether a text says, in another notation than JSON, that the step fails or passes. */
export function statements(text: string): { readonly fails: boolean; readonly passes: boolean } {
  const plain = plainly(text);
  return { fails: FAILS.some((form) => form.test(plain)), passes: PASSES.some((form) => form.test(plain)) };
}

/** Normalizes a text: look-alike characters and entities become plain ones, letters lower case. */
function plainly(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/&(?:quot|#34|#x22);/giu, '"')
    .replace(/&(?:apos|#39|#x27);/giu, "'")
    .replace(/&lt;/giu, '<')
    .replace(/&gt;/giu, '>')
    .replace(/[“”‟″]/gu, '"')
    .replace(/[‘’‛′‚]/gu, "'")
    .toLowerCase();
}

/** Tags around text that is not part of a model's answer, such as reasoning, examples and quotations. */
const TAG =
  /(?<!`)<(\/?)(?:antml:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis|examples?|quote|quotation|blockquote)\b[^<>\n]{0,200}>/giu;

/** Replaces Markdown quotations with spaces. All positions stay the same. */
export function withoutQuotations(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^ {0,3}>/u.test(line) ? ' '.repeat(line.length) : line))
    .join('\n');
}

/**
 * Returns the ranges between such tags, from the outermost opening tag to its closing tag. Without a closing tag the
 * range extends to the end of the text.
 */
export function betweenTags(
  text: string,
  objects: readonly FoundObject[],
): { readonly start: number; readonly end: number }[] {
  const stretches: { start: number; end: number }[] = [];
  let depth = 0;
  let start = 0;
  let next = 0;
  for (const tag of text.matchAll(TAG)) {
    while ((objects[next]?.end ?? Infinity) <= tag.index) next++;
    const object = objects[next];
    if (object && object.start < tag.index) continue; // inside a JSON object it is data
    if (tag[1] === '') {
      if (depth++ === 0) start = tag.index;
    } else if (depth > 0 && --depth === 0) stretches.push({ start, end: tag.index + tag[0].length });
  }
  if (depth > 0) stretches.push({ start, end: text.length });
  return stretches;
}

/** Replaces ranges of a text with spaces. @param stretches the ranges, in text order */
export function blanked(text: string, stretches: readonly { readonly start: number; readonly end: number }[]): string {
  let kept = '';
  let at = 0;
  for (const { start, end } of stretches) {
    kept += text.slice(at, start) + ' '.repeat(end - start);
    at = end;
  }
  return kept + text.slice(at);
}
