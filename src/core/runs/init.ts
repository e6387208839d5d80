import * as path from 'node:path';
import { createFile, makeWeldFolder } from '../artifacts/create';
import { defaultConfigToml } from '../config';
import type { Project } from '../project';

/** Everything is ignored but what a team can share: its checks. */
const GITIGNORE = '*\n!.gitignore\n!config.toml\n';

/**
 * Makes `.weld` with its .gitignore and config.toml where they are missing; what is there stays as it is.
 * It takes no run lock: files appear whole or not at all, so two windows can do it at once.
 * @throws WeldError `NOT_WRITABLE`, `DISK_FULL`, `OUTSIDE_REPOSITORY`
 */
export async function init(project: Project): Promise<{ readonly created: readonly string[] }> {
  const { paths } = project;
  await makeWeldFolder(paths);
  const wanted: readonly (readonly [string, () => string])[] = [
    [paths.gitignore, () => GITIGNORE],
    [paths.config, () => defaultConfigToml(path.basename(project.top))],
  ];
  const created: string[] = [];
  for (const [file, text] of wanted) if (await createFile(paths, file, text())) created.push(paths.relative(file));
  return { created };
}
