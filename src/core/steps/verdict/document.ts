import { fenced } from '../prompts/parts';
import { readVerdict } from './parse';

/**
 * The text of `review.md`, from which the verdict can be read again: an answer in text as it is; a structured one with
 * its text quoted and the verdict behind it, so that nothing in the text is taken for one. A structured verdict that
 * cannot be read stands there as none.
 */
export function reviewDocument(answer: { readonly text: string; readonly structured?: unknown }): string {
  const { text, structured } = answer;
  if (structured === undefined || structured === null) return text;
  const shown = readVerdict(text, structured).ok ? structured : { pass: null, unreadable: structured };
  const quoted =
    text.trim() === '' || isSame(text, structured)
      ? ''
      : `${text
          .trim()
          .split(/\r\n|\r|\n/u)
          .map((line) => `> ${line}`)
          .join('\n')}\n\n`;
  return `${quoted}${fenced(JSON.stringify(shown, null, 2), 'json')}\n`;
}

/** Whether the text is nothing but the structured answer. */
function isSame(text: string, structured: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(structured);
  } catch {
    return false;
  }
}
