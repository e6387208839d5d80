import * as path from 'node:path';

/** The project's own folder. */
export const root = path.resolve(import.meta.dirname, '..', '..');
/** What was fetched once and may stay: the server, the desktop build. */
export const cache = path.join(root, '.cache');
/** What a build or a test run leaves behind. */
export const out = path.join(root, 'out');
export const vsix = path.join(out, 'weld.vsix');
