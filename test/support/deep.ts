import { it } from 'vitest';

/**
 * `npm run test:deep`: sizes and searches that take minutes. `npm test` looks at a tenth of the size in the same way.
 */
export const deep = process.env['WELD_DEEP'] === '1';
/** A size for the test that is running: whole in `npm run test:deep`, a tenth in `npm test`. */
export const size = (full: number): number => (deep ? full : Math.ceil(full / 10));

/** Cases of one table: all in `npm run test:deep`, each third in `npm test`, the first among them. */
export const some = <T>(cases: readonly T[]): readonly T[] =>
  deep ? cases : cases.filter((_each, at) => at % 3 === 0);

type Register = Pick<typeof it, 'each' | 'for'> & ((name: string, test: () => unknown, timeoutMs?: number) => void);
const none = (): void => undefined;
const nothing: Register = Object.assign(none, { each: () => none, for: () => none });

/** A test of a file of which `npm run test:deep` has more: it runs in `npm test`, and not a second time in depth. */
export const everyTime: Register = deep ? nothing : it;
/** A test that only `npm run test:deep` runs: another case of what a test of `npm test` shows. */
export const inDepth: Register = deep ? it : nothing;
