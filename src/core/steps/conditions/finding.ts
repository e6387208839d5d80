import { createHash } from 'node:crypto';
import type { ChangedText, TextSide } from '../../git/git';

/** The conditions that look at what a step changed; their words stand in `[gate]` under these names. */
export const CONDITION_NAMES = ['tests', 'scope', 'protected', 'ignored'] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

/** A file that differs between the step's base and the judged tree, with the texts that conditions look at. */
export type FileChange = ChangedText;

/** One thing that a condition found. */
export interface Finding {
  readonly path: string;
  /** A few words behind the path, such as `was deleted`. */
  readonly what: string;
  /** Tells this finding from every other: a waiver holds for the keys that the person saw and for no others. */
  readonly key: string;
}

/** @param state what else tells it apart, such as the file's object: a waiver ends when that changes */
export function finding(condition: ConditionName, path: string, what: string, state: string | null = ''): Finding {
  const key = createHash('sha256')
    .update([condition, path, what, state ?? ''].join('\0'))
    .digest('hex')
    .slice(0, 12);
  return { path, what, key };
}

export const textOf = (side: TextSide): string | null => (side.kind === 'text' ? side.text : null);
export const isGone = (change: FileChange): boolean => change.after.kind === 'none' && change.before.kind !== 'none';
export const isNew = (change: FileChange): boolean => change.before.kind === 'none' && change.after.kind !== 'none';
