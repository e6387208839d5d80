import * as path from 'node:path';

/** The root folder of the project. */
export const root = path.resolve(import.meta.dirname, '..', '..');
/** Downloads that are kept: the server, the desktop build. */
export const cache = path.join(root, '.cache');
/** Results of builds and test runs. */
export const out = path.join(root, 'out');
export const vsix = path.join(out, 'weld.vsix');
