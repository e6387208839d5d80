import { createHash } from 'node:crypto';
import type { Oid } from '../../../../../src/core/git/git';
import { oid } from '../../../../../src/core/git/oid';
import type { FileChange } from '../../../../../src/core/steps/conditions/finding';

const side = (text: string | null): FileChange['before'] => (text === null ? { kind: 'none' } : { kind: 'text', text });
const id = (text: string | null): Oid | null =>
  text === null ? null : oid(createHash('sha1').update(text).digest('hex'));

/** A file before and after a step; null if it does not exist. */
export function change(path: string, before: string | null, after: string | null): FileChange {
  return { path, before: side(before), after: side(after), beforeId: id(before), afterId: id(after) };
}

/** A change without texts. */
export const unread = (path: string): FileChange => ({
  path,
  before: { kind: 'unread' },
  after: { kind: 'unread' },
  beforeId: oid('1'.repeat(40)),
  afterId: oid('2'.repeat(40)),
});
export const created = (path: string, text = 'x\n'): FileChange => change(path, null, text);
export const deleted = (path: string, text = 'x\n'): FileChange => change(path, text, null);
