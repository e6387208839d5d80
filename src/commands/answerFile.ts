import * as path from 'node:path';
import { readAnswerFile } from '../core/runs/askInRun';
import { saveEditorOf } from '../ui/saveEditors';

/**
 * Reads an answer from a file that the person chose. An editor of the file with unsaved changes is saved first.
 * @param file absolute, or relative to the repository's top @throws WeldError `INVALID_ARGUMENT`, `NOT_WRITABLE`
 */
export async function savedAnswer(top: string, file: string): Promise<string> {
  await saveEditorOf(path.resolve(top, file));
  return readAnswerFile(top, file);
}
