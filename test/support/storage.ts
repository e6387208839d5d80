import * as os from 'node:os';
import * as path from 'node:path';

/** Stands in for the extension's global storage; the programs of a test share it, so its name is fixed. */
export const storage = path.join(os.tmpdir(), 'weld-test-storage');
