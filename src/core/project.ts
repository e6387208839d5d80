import type { Agent, Person } from './agents/agent';
import type { WeldPaths } from './artifacts/paths';
import type { Task } from './config/providers';
import type { Config, LoadedConfig } from './config/schema';
import type { Git } from './git/git';
import type { RunLock } from './lock/runLock';
import type { Programs } from './process/ports';
import type { Logger } from './util/logger';

/** One repository as core code sees it: everything a read needs, nothing of the editor. */
export interface Project {
  /** Absolute path of the repository's top folder. */
  readonly top: string;
  readonly paths: WeldPaths;
  readonly git: Git;
  readonly programs: Programs;
  readonly log: Logger;
  /** Absolute path of a folder of this person's own outside every work tree: the extension's global storage. */
  readonly storage: string;
  /** Of the machine that this runs on; left out: this process's own. */
  readonly platform?: NodeJS.Platform;
  /** `notice`: guests are not shut in, as where the system cannot; for tests. */
  readonly guarding?: 'notice';
  /** Reads `.weld/config.toml` afresh. @throws WeldError `CONFIG_INVALID`, `DAMAGED_FILE` */
  config(): Promise<LoadedConfig>;
  /**
   * The agent configured for a task; `manual` when nothing is.
   * @param person absent in silent commands
   * @param config as an operation found it at its beginning; left out: as it is now
   */
  agent(task: Task, person?: Person, config?: Config): Promise<Agent>;
  now(): Date;
}

/**
 * What a changing operation works with for as long as it runs. The lock is held from its first write to its last;
 * whoever has no `Operation` cannot write run state.
 */
export interface Operation {
  readonly project: Project;
  readonly lock: RunLock;
  /** Aborted when the person cancels or the lock is lost. */
  readonly signal: AbortSignal;
  readonly report: (progress: OperationProgress) => void;
  readonly person?: Person;
}

export interface OperationProgress {
  /** Such as "iteration 2 of 5: checks". */
  readonly message: string;
  /** Text of an agent or a program as it streams; goes to the log channel. */
  readonly stream?: string;
}

/** What the guard needs of an operation. */
export type GuardedOperation = Pick<Operation, 'project' | 'lock' | 'signal'>;
