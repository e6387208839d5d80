import { createHash } from 'node:crypto';
import type { ChangedText, TextSide } from '../../git/git';

/** Conditions that check the changes of a step. `[gate]` of config.toml sets each of them under its name. */
export const CONDITION_NAMES = ['tests', 'scope', 'protected', 'ignored'] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

/** A file that differs between the step's base and the judged tree, with the texts that conditions read. */
export type FileChange = ChangedText;

/** One thing that a condition found. */
export interface Finding {
  readonly path: string;
  /** A few words that follow the path in a sentence, such as `was deleted`. */
  readonly what: string;
  /** Identifies the finding. A waiver covers only the keys of the findings that the person saw. */
  readonly key: string;
}

/** @param state is part of the key, such as the file's object id: when it changes, a waiver no longer holds */
export function finding(condition: ConditionName, path: string, what: string, state: string | null = ''): Finding {
  const key = createHash('sha256')
    .update([condition, path, what, state ?? ''].join('\0'))
    .digest('hex')
    .slice(0, 12);
  return { path, what, key };
}

/** Returns the text of a file before or after the change; null if there is none or it was not read. */
export const textOf = (side: TextSide): string | null => (side.kind === 'text' ? side.text : null);
export const isGone = (change: FileChange): boolean => change.after.kind === 'none' && change.before.kind !== 'none';
export const isNew = (change: FileChange): boolean => change.before.kind === 'none' && change.after.kind !== 'none';
