import { WeldError } from '../util/errors';

declare const runIdBrand: unique symbol;
declare const stepKeyBrand: unique symbol;

/** A run's folder name, `YYYYMMDD-HHMMSS-slug`, verified to be safe as one path segment. */
export type RunId = string & { readonly [runIdBrand]: true };
/** A step's folder name, `NN-slug`, verified to be safe as one path segment. */
export type StepKey = string & { readonly [stepKeyBrand]: true };

const RUN_ID = /^\d{8}-\d{6}-[\p{Ll}\p{Lo}\p{N}](?:[\p{Ll}\p{Lo}\p{N}\p{M}_-]*)$/u;
const STEP_KEY = /^\d{2,}-[\p{Ll}\p{Lo}\p{N}](?:[\p{Ll}\p{Lo}\p{N}\p{M}_-]*)$/u;

/** @throws WeldError `INVALID_RUN_ID` for anything that is not one safe folder name, such as `../../x` */
export function parseRunId(text: string): RunId {
  if (!isRunId(text))
    throw new WeldError(
      'INVALID_RUN_ID',
      `"${text.slice(0, 80)}" is not the id of a run; choose a run from the Runs view.`,
    );
  return text;
}

export function isRunId(text: string): text is RunId {
  return text.length <= 120 && RUN_ID.test(text);
}

export function isStepKey(text: string): text is StepKey {
  return text.length <= 120 && STEP_KEY.test(text);
}

/**
 * @param n the step's number in the plan
 * @param slug from `slugify(title, 30)`
 * @throws WeldError `STEP_NOT_FOUND` if these make no safe folder name
 */
export function stepKey(n: number, slug: string): StepKey {
  const key = `${String(n).padStart(2, '0')}-${slug}`;
  if (!isStepKey(key))
    throw new WeldError('STEP_NOT_FOUND', `Step ${n} has no usable folder name; give its heading a title.`);
  return key;
}

/** Lower-cases, replaces other characters by `-`, trims; keeps the letters of every script. Never empty. */
export function slugify(title: string, maxLength: 50 | 30): string {
  const slug = title
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{Ll}\p{Lo}\p{N}]+/gu, '-')
    .replace(/^-+|(?<!-)-+$/gu, '');
  const cut = [...slug]
    .slice(0, maxLength)
    .join('')
    .replace(/(?<!-)-+$/u, '');
  return cut === '' ? 'untitled' : cut;
}

/** @param at local wall-clock time: the command-line Weld names runs by it too */
export function newRunId(at: Date, name: string): RunId {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return parseRunId(`${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}-${slugify(name, 50)}`);
}
