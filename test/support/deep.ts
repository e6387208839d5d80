/** `npm run test:deep`: sizes and searches that take minutes. `npm test` looks at a tenth of the size in the same way. */
export const deep = process.env['WELD_DEEP'] === '1';
/** A size for the test that is running: whole in `npm run test:deep`, a tenth in `npm test`. */
export const size = (full: number): number => (deep ? full : Math.ceil(full / 10));
