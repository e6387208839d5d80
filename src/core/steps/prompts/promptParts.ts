import type { StepRecord } from '../../artifacts/schemas';

/** Joins parts of a prompt, separated by blank lines. Empty parts are left out. */
export function document(parts: readonly string[]): string {
  return `${joined(parts)}\n`;
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');

/** Describes a step for a prompt: title, text, and criteria with the numbers that a verdict uses. */
export function stepPart(record: StepRecord): string {
  const parts = [`## Step ${record.n}: ${record.title}`, record.body_md.trim()];
  if (record.acceptance_criteria.length > 0)
    parts.push(`### Acceptance criteria, numbered\n\n${numbered(record.acceptance_criteria)}`);
  // The step's text usually contains them already.
  if (record.tests.some((test) => !record.body_md.includes(test)))
    parts.push(`### Tests\n\n${record.tests.map((test) => `- ${test}`).join('\n')}`);
  return joined(parts);
}

/** Lists the checks that run afterwards; an empty string if there are none. */
export function checksPart(checks: readonly { readonly category: string; readonly command: string }[]): string {
  if (checks.length === 0) return '';
  return (
    'These checks run afterwards, and every one has to exit with ' +
    `0:\n\n${checks.map((check) => `- ${check.category}: \`${check.command}\``).join('\n')}`
  );
}

/** Rules for agents that edit files. */
export const EDITING_RULES = [
  'Rules:',
  '- Change the files of this repository directly, and only what this step needs.',
  '- Leave `.weld` and `.git` alone, do not commit, do not switch branches.',
  '- Do not start on other steps of the plan.',
  '- End with a short summary of what you changed and why.',
].join('\n');

/** Maximum number of backquotes in a row. The fence has to be longer, so it could double the length of the text. */
const LONGEST_RUN = 100;

/**
 * Encloses a text in a fence of more backquotes than the text has in a row, so that nothing inside can end the fence.
 * Sequences of more than 100 backquotes are cut, and a note says so.
 */
export function fenced(text: string, language = ''): string {
  let longest = 2;
  const shown = text.replace(/`+/gu, (run) => {
    longest = Math.max(longest, Math.min(run.length, LONGEST_RUN));
    return run.length <= LONGEST_RUN
      ? run
      : `${run.slice(0, LONGEST_RUN)}[${run.length - LONGEST_RUN} more backquotes]`;
  });
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown}${shown.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** Joins the lines of a text into one line. */
export function inOneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

/** Shortens a long text to its beginning and end. @param limit maximum length of what is kept, in UTF-16 units */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  return `${text.slice(0, half)}\n… ${text.length - 2 * half} characters left out …\n${text.slice(-half)}`;
}

export function numbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${index + 1}. ${line}`).join('\n');
}
