import { amount, type Fields, list, oneLine, record, relativeTo, text } from '../cli/fields';

/** What of a tool's input tells a person what it is about, most telling first. */
const TELLING = [
  'file_path',
  'path',
  'notebook_path',
  'command',
  'pattern',
  'query',
  'url',
  'description',
  'prompt',
] as const;

/** A tool's input in a few words, such as the path that it writes. */
export function toolDetail(input: Fields | undefined, cwd: string): string {
  for (const name of TELLING) {
    const value = text(input?.[name]);
    if (value !== undefined && value !== '') return relativeTo(cwd, value);
  }
  return '';
}

/** All tokens that went in and out, those of the cache among them. */
export function totalTokens(usage: Fields | undefined): number | undefined {
  const parts = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens'].map(
    (name) => amount(usage?.[name]),
  );
  return parts.some((part) => part !== undefined)
    ? parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
    : undefined;
}

const MOST_DENIALS = 20;

/** What the program was not allowed, each once: the tool and what it was to do. */
export function denialsIn(value: unknown, cwd: string): string[] {
  const words = list(value).map((each) => {
    const denial = record(each);
    return oneLine(`${text(denial?.['tool_name']) ?? 'a tool'} ${toolDetail(record(denial?.['tool_input']), cwd)}`);
  });
  return [...new Set(words)].slice(0, MOST_DENIALS);
}
