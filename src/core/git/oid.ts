import { WeldError } from '../util/errors';
import type { Oid } from './git';

/**
 * Checks the form of an object id. Ids come from files that anyone may have edited, and git could read other text as an
 * option. @throws WeldError `GIT_FAILED` for any other text
 */
export function oid(text: string): Oid {
  if (!isOid(text))
    throw new WeldError(
      'GIT_FAILED',
      `"${text.slice(0, 80)}" is not the id of a git object; the file it comes from is damaged.`,
    );
  return text;
}

export const isOid = (text: string): text is Oid => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);
