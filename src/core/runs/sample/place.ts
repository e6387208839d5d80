import * as path from 'node:path';

/** The beginning of the name of a sample's parent folder. */
export const SAMPLE_PARENT = 'weld-sample-';
/** The name of a sample's folder. */
export const SAMPLE_NAME = 'greetings';

/** Whether a folder is a sample, judged by its path. @param folder absolute path */
export function isSample(folder: string): boolean {
  return path.basename(folder) === SAMPLE_NAME && path.basename(path.dirname(folder)).startsWith(SAMPLE_PARENT);
}
