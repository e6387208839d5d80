import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { GitRunner } from '../../git/runGit';
import type { Programs } from '../../process/ports';
import { reason, WeldError } from '../../util/errors';
import { sampleFiles } from './files';
import { SAMPLE_NAME, SAMPLE_PARENT } from './place';

/** The sample's own settings, so that the person's name, keys and hooks play no part in it. */
const SETTINGS = `[user]
\tname = Weld Sample
\temail = sample@weld.invalid
[commit]
\tgpgSign = false
[core]
\tautocrlf = false
`;

/**
 * Creates the sample's repository, with one commit, in a new private folder of the system's temporary folder. The
 * system removes it with its other temporary files.
 * @returns the absolute path of the repository
 * @throws WeldError `GIT_MISSING`, `GIT_FAILED`, `NOT_WRITABLE`; nothing is left behind then
 */
export async function createSample(programs: Programs): Promise<string> {
  const parent = await privateFolder();
  try {
    const top = path.join(parent, SAMPLE_NAME);
    for (const [name, text] of sampleFiles(top)) {
      const file = path.join(top, name);
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, text);
    }
    const git = new GitRunner(top, programs);
    // No template: a person's own may hold hooks.
    await git.text(['init', '--quiet', '--template=', '--initial-branch=main']);
    await fs.appendFile(path.join(top, '.git', 'config'), SETTINGS);
    await git.text(['add', '--all']);
    await git.text(['commit', '--quiet', '--message', 'Start']);
    return top;
  } catch (error) {
    await fs.rm(parent, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** A new folder for this person alone (mode 0700), with symbolic links resolved. */
async function privateFolder(): Promise<string> {
  try {
    return await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), SAMPLE_PARENT)));
  } catch (error) {
    throw new WeldError(
      'NOT_WRITABLE',
      `The system's temporary folder cannot be written (${reason(error)}); free space or rights and try again.`,
      { cause: error },
    );
  }
}
