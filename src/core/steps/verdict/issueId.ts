import { createHash } from 'node:crypto';
import type { Issue } from '../../artifacts/schemas';
import { criterion } from './criterion';

/**
 * The same finding keeps its id from one iteration to the next: file, criterion and hint, without what moves on its own
 * (case, spacing, punctuation, line numbers, severity).
 */
export function issueId(issue: Pick<Issue, 'file' | 'hint' | 'maps_to'>): string {
  const file = issue.file
    .trim()
    .replace(/\\/gu, '/')
    .replace(/^(?:\.\/)+/u, '')
    .replace(/:\d+(?::\d+)?$/u, '');
  const parts = [file, words(criterion(issue.maps_to) ?? ''), words(issue.hint)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}

/** Gives each issue an id that is unique in its list; two that read the same are told apart by their order. */
export function withIds(issues: readonly Issue[]): Issue[] {
  const seen = new Map<string, number>();
  return issues.map((issue) => {
    const id = issueId(issue);
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return { ...issue, id: count === 1 ? id : `${id}-${count}` };
  });
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/\b(?:lines?|l)\s*\d+(?:\s*[-–]\s*\d+)?/gu, ' ')
    .replace(/:\d+(?::\d+)?/gu, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
