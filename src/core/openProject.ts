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
  /** Absolute path of the extension's global storage: a private folder of this person outside every work tree. */
  readonly storage: string;
  /** Functions that create the agents that are programs; by default the real ones. */
  readonly makers?: NonNullable<AgentDeps['makers']>;
  /** For tests: `notice` runs guests without a sandbox, as on a system that has none. */
  readonly guarding?: 'notice';
  /** Replaces the clock in tests. */
  readonly now?: () => Date;
} & (
  | { /** Shared by all repositories of a window, so that one place can end everything. */ readonly programs: Programs }
  | { /** Absolute path of the bundled supervisor. */ readonly supervisorPath: string }
);

/**
 * Opens the repository that contains a folder. It only reads; nothing is created.
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
