import * as path from 'node:path';
import { readAnswerFile } from '../core/runs/askInRun';
import { saveEditorOf } from '../ui/saveEditors';

/**
 * The answer in a file that the person chose, as its editor shows it: what is not saved there is saved first.
 * @param file absolute, or relative to the repository's top @throws WeldError `INVALID_ARGUMENT`, `NOT_WRITABLE`
 */
export async function savedAnswer(top: string, file: string): Promise<string> {
  await saveEditorOf(path.resolve(top, file));
  return readAnswerFile(top, file);
}
