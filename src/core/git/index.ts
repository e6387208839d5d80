import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Guests, Programs } from '../process/ports';
import { WeldError } from '../util/errors';
import type { Git } from './git';
import { Repository } from './repository';
import { GitRunner } from './runGit';

export {
  baseRef,
  type CapturedTree,
  type ChangedFile,
  type CommitRequest,
  type Git,
  type HeadInfo,
  iterationRef,
  type LeftOut,
  type Oid,
  type Trailer,
} from './git';
export { looksSecret } from './secrets';

/**
 * Opens the repository that a folder stands in, at its top.
 * @param guests left out: whatever would start a hook or a filter is refused
 * @throws WeldError `NOT_A_REPOSITORY` (also bare), `UNSAFE_REPOSITORY`, `GIT_MISSING`
 */
export async function openGit(folder: string, programs: Programs, guests: Guests = NO_GUESTS): Promise<Git> {
  if (!fs.existsSync(folder))
    throw new WeldError('NOT_A_REPOSITORY', `The folder ${folder} does not exist; open another one.`);
  const answer = await new GitRunner(folder, programs).text(['rev-parse', '--show-toplevel', '--absolute-git-dir']);
  const [top = '', gitDir = ''] = answer.split('\n');
  const native = path.normalize(top);
  return new Repository(native, new GitRunner(native, programs), path.normalize(gitDir), guests);
}

const NO_GUESTS: Guests = {
  around: ({ guest }) =>
    Promise.reject(new WeldError('INTERNAL', `${guest.label} was to be started where nothing stands around it.`)),
};
