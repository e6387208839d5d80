import * as os from 'node:os';
import * as path from 'node:path';

/** Stands for the extension's global storage; programs of one test share it, so it has one name. */
export const storage = path.join(os.tmpdir(), 'weld-test-storage');
