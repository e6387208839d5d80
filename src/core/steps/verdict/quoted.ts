import type { FoundObject } from './json';

/** Tags between which a model thinks aloud or shows what is not its answer. */
const TAG =
  /(?<!`)<(\/?)(?:antml:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis|examples?|quote|quotation|blockquote)\b[^<>\n]{0,200}>/giu;

/** Blanks the lines that Markdown marks as a quotation; every other character stays where it was. */
export function withoutQuotations(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^ {0,3}>/u.test(line) ? ' '.repeat(line.length) : line))
    .join('\n');
}

/**
 * The stretches of a text between such tags, from the outermost opening to its end; one that is not closed goes on to
 * the end of the text.
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
    if (object && object.start < tag.index) continue; // inside a JSON text it is material
    if (tag[1] === '') {
      if (depth++ === 0) start = tag.index;
    } else if (depth > 0 && --depth === 0) stretches.push({ start, end: tag.index + tag[0].length });
  }
  if (depth > 0) stretches.push({ start, end: text.length });
  return stretches;
}

/** Blanks stretches of a text, in their order. */
export function blanked(text: string, stretches: readonly { readonly start: number; readonly end: number }[]): string {
  let kept = '';
  let at = 0;
  for (const { start, end } of stretches) {
    kept += text.slice(at, start) + ' '.repeat(end - start);
    at = end;
  }
  return kept + text.slice(at);
}
