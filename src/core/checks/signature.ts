import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';

/** What differs from one run of the same failure to the next and says nothing of it. */
const VARIES: readonly (readonly [pattern: RegExp, place: string])[] = [
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/gu, '<time>'],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/gu, '<time>'],
  [/(?<![\w.])\d{1,12}(?:\.\d{1,9})?\s?(?:ns|µs|us|ms|s|sec|secs|seconds|m|min|minutes)\b/gu, '<duration>'],
  [/\b0x[0-9a-f]{4,16}\b/giu, '<address>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu, '<id>'],
  [/\bpid[ =:]{1,3}\d{1,8}\b/giu, 'pid <n>'],
  [/(?:\/private)?(?:\/tmp|\/var\/tmp|\/var\/folders|\/dev\/shm)\/[^\s'":,;)\]]{1,200}/gu, '<temporary>'],
  // How much else passes grows with every step.
  [
    /\b\d{1,9} (?:tests? )?(?:passed|passing|pass|ok|total|tests?|examples?|assertions?|succeeded|skipped)\b/giu,
    '<count>',
  ],
  [/\b(?:tests|pass|passed|total|duration_ms)[ :=]{1,3}\d{1,9}(?:\.\d{1,9})?\b/giu, '<count>'],
  [/\(\d{1,9}\)/gu, '<count>'],
];
/** Lines about what passes. */
const PASSES = /^\s*(?:[✓✔√]|ok\b|PASS\b|--- PASS|=== RUN|test .{1,300} \.\.\. ok$)/u;

/**
 * What a failing check said, without colours, times, places of temporary files, and what passed beside. Everything else
 * counts, numbers of lines and of failures too: two failures with the same signature are the same failure.
 * @param top the repository's top, whose place says nothing
 */
export function failureSignature(output: string, top: string): string {
  const lines = stripVTControlCharacters(output)
    .replaceAll(top, '<repository>')
    .split(/\r?\n/u)
    .filter((line) => !PASSES.test(line))
    .map((line) =>
      VARIES.reduce((text, [pattern, place]) => text.replace(pattern, place), line.slice(0, 2_000))
        .replace(/\s+/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '');
  // Checks that work side by side end in any order.
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
}
