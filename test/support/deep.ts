import { it } from 'vitest';

/**
 * True in `npm run test:deep`: sizes and searches that take minutes. `npm test` tests a tenth of the size in the same
 * way.
 */
export const deep = process.env['WELD_DEEP'] === '1';
/** The size for a test: all of it in `npm run test:deep`, a tenth in `npm test`. */
export const size = (full: number): number => (deep ? full : Math.ceil(full / 10));

/** The cases of a table: all in `npm run test:deep`, the first and then every third in `npm test`. */
export const some = <T>(cases: readonly T[]): readonly T[] =>
  deep ? cases : cases.filter((_each, at) => at % 3 === 0);

type Register = Pick<typeof it, 'each' | 'for'> & ((name: string, test: () => unknown, timeoutMs?: number) => void);
const none = (): void => undefined;
const nothing: Register = Object.assign(none, { each: () => none, for: () => none });

/** A test that runs only in `npm test`, in a file that also has deep tests. */
export const everyTime: Register = deep ? nothing : it;
/** A test that runs only in `npm run test:deep`: another case of something that `npm test` shows. */
export const inDepth: Register = deep ? it : nothing;
