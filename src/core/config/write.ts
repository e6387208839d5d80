import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import lockfile from 'proper-lockfile';
import { readText, writeError } from '../artifacts/store';
import { isErrno, WeldError } from '../errors';
import { checkConfig } from './check';
import { defaultConfigToml } from './defaults';
import { editTaskModels, type TaskModelChanges } from './edit';
import { invalid } from './load';

/**
 * Sets which agent does which task in `config.toml`, keeping comments and order; makes the file where there is none.
 * Two windows can do it at once: the file is no run state, so a lock of its own guards reading and writing it.
 * @param file absolute path, in an existing `.weld` @throws WeldError `CONFIG_INVALID`, `DAMAGED_FILE`, `NOT_WRITABLE`,
 *   `DISK_FULL`
 */
export async function writeTaskModels(file: string, changes: TaskModelChanges): Promise<void> {
  const release = await guard(file);
  try {
    const text = (await readText(file)) ?? defaultConfigToml();
    const { config, problems } = checkConfig(text);
    if (config === null) throw invalid(file, problems);
    const edited = editTaskModels(text, changes);
    const after = checkConfig(edited);
    if (after.config === null) throw invalid(file, after.problems);
    if (edited !== text) await replace(file, edited);
  } catch (error) {
    throw writeError(file, error);
  } finally {
    await release();
  }
}

/** Puts a new file with the old one's rights in its place; whatever goes wrong, the old content stays. */
async function replace(file: string, text: string): Promise<void> {
  const old = await fs.lstat(file).catch(() => null);
  if (old !== null && !old.isFile())
    throw new WeldError(
      'DAMAGED_FILE',
      `${file} is not a regular file; restore it from a backup or remove it, Weld does not overwrite it.`,
    );
  const built = `${file}.${randomUUID()}.tmp`;
  try {
    // Node writes until everything is on the disk; write-file-atomic writes once, and keeps half a file where space
    // runs out.
    await fs.writeFile(built, text, { flag: 'wx', flush: true });
    if (old !== null) {
      // Who may not give a file away keeps it, as any editor would.
      await fs.chown(built, old.uid, old.gid).catch(() => undefined);
      await fs.chmod(built, old.mode & 0o7777);
    }
    await fs.rename(built, file);
  } catch (error) {
    await fs.rm(built, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function guard(file: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(file, {
      realpath: false,
      stale: 10_000,
      retries: { retries: 40, minTimeout: 20, maxTimeout: 250 },
    });
  } catch (error) {
    if (isErrno(error, 'ELOCKED'))
      throw new WeldError(
        'NOT_WRITABLE',
        `${path.basename(file)} is being changed by another window; try again in a moment.`,
        { cause: error },
      );
    throw writeError(file, error);
  }
}
