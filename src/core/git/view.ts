import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { GitRunner } from './run-git';
import { commonDir } from './settings';

/**
 * Runs `work` with git in an empty bare repository that has the objects of this one and nothing else of it: neither
 * attributes of the work tree or of `info`, nor configuration, can say how an object is shown.
 * @param gitDir of the repository @param oid any of its objects, for the kind of its ids
 */
export async function withBareView<T>(
  git: GitRunner,
  gitDir: string,
  oid: string,
  work: (view: GitRunner) => Promise<T>,
): Promise<T> {
  const objects = path.join(await commonDir(gitDir), 'objects');
  const view = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-view-'));
  try {
    const sha256 = oid.length === 64;
    await Promise.all([
      fs.mkdir(path.join(view, 'refs')),
      fs.writeFile(path.join(view, 'HEAD'), 'ref: refs/heads/none\n'),
      fs.writeFile(
        path.join(view, 'config'),
        `[core]\n\tbare = true\n\trepositoryformatversion = ` +
          `${sha256 ? '1\n[extensions]\n\tobjectFormat = sha256' : '0'}\n`,
      ),
    ]);
    return await work(
      new GitRunner(view, git.programs, [...NO_RULES, `--git-dir=${view}`], undefined, {
        GIT_OBJECT_DIRECTORY: objects,
        GIT_ATTR_NOSYSTEM: '1',
      }),
    );
  } finally {
    await fs.rm(view, { recursive: true, force: true });
  }
}

/** A person's own rules stay out too, and no file that can be read at all is too large to be text. */
const NO_RULES = ['-c', 'core.attributesFile=/dev/null', '-c', 'core.bigFileThreshold=512m'] as const;
