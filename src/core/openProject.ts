import * as path from 'node:path';
import { type AgentDeps, createAgent } from './agents/registry';
import { WeldPaths } from './artifacts/paths';
import { loadConfig } from './config';
import { openGit } from './git';
import { guestsOf } from './guard';
import { createPrograms } from './process';
import type { Programs } from './process/ports';
import type { Project } from './project';
import type { Logger } from './util/logger';

export type OpenOptions = {
  readonly log: Logger;
  /** Absolute path of a folder of this person's own outside every work tree: the extension's global storage. */
  readonly storage: string;
  /** Makers of the agents that are programs. */
  readonly makers?: NonNullable<AgentDeps['makers']>;
  /** For tests: guests are not shut in, as where the system cannot. */
  readonly guarding?: 'notice';
  /** Replaced in tests. */
  readonly now?: () => Date;
} & (
  | { /** Shared by all repositories of a window, so that one place can end everything. */ readonly programs: Programs }
  | { /** Absolute path of the bundled supervisor. */ readonly supervisorPath: string }
);

/**
 * Opens the repository that a folder stands in, also from a subfolder. It reads only, and sets nothing up.
 * @param folder absolute path @throws WeldError `NOT_A_REPOSITORY`, `UNSAFE_REPOSITORY`, `GIT_MISSING`, `GIT_FAILED`
 */
export async function openProject(folder: string, options: OpenOptions): Promise<Project> {
  const programs =
    'programs' in options
      ? options.programs
      : createPrograms({ log: options.log, supervisorPath: options.supervisorPath, storage: options.storage });
  const git = await openGit(
    path.resolve(folder),
    programs,
    guestsOf(() => project),
  );
  const paths = new WeldPaths(git.top);
  const config: Project['config'] = () => loadConfig(paths.config);
  const project: Project = {
    top: git.top,
    paths,
    git,
    programs,
    log: options.log,
    storage: options.storage,
    config,
    ...(options.guarding && { guarding: options.guarding }),
    agent: async (task, person, given) =>
      createAgent(task, given ?? (await config()).config, {
        top: git.top,
        programs,
        person,
        log: options.log,
        ...(options.makers && { makers: options.makers }),
      }),
    now: options.now ?? (() => new Date()),
  };
  return project;
}
