import type { Agent, HumanAgent } from './agents/agent';
import type { WeldPaths } from './artifacts/paths';
import type { Task } from './config/providers';
import type { Config, LoadedConfig } from './config/schema';
import type { Git } from './git/git';
import type { RunLock } from './lock/runLock';
import type { Programs } from './process/ports';
import type { Logger } from './util/logger';

/** One repository as core code sees it: everything that reading needs, and nothing of the editor. */
export interface Project {
  /** Absolute path of the repository's top folder. */
  readonly top: string;
  readonly paths: WeldPaths;
  readonly git: Git;
  readonly programs: Programs;
  readonly log: Logger;
  /** Absolute path of the extension's global storage: a private folder of this person outside every work tree. */
  readonly storage: string;
  /** The platform of the machine; by default that of this process. */
  readonly platform?: NodeJS.Platform;
  /** For tests: `notice` runs guests without a sandbox, as on a system that has none. */
  readonly guarding?: 'notice';
  /** Reads `.weld/config.toml` from the disk. @throws WeldError `CONFIG_INVALID`, `DAMAGED_FILE` */
  config(): Promise<LoadedConfig>;
  /**
   * The agent configured for a task, by default `manual`.
   * @param person absent in silent commands
   * @param config as an operation read it at its beginning; by default read now
   */
  agent(task: Task, person?: HumanAgent, config?: Config): Promise<Agent>;
  now(): Date;
}

/**
 * What a changing operation works with. The lock is held from the first write to the last; code without an `Operation`
 * cannot write run state.
 */
export interface Operation {
  readonly project: Project;
  readonly lock: RunLock;
  /** Aborts when the person cancels or the lock is lost. */
  readonly signal: AbortSignal;
  readonly report: (progress: OperationProgress) => void;
  readonly person?: HumanAgent;
}

export interface OperationProgress {
  /** Such as "iteration 2 of 5: checks". */
  readonly message: string;
  /** The step at work, where an operation works on several. */
  readonly step?: number;
  /** Streamed output of an agent or a program, for the log channel. */
  readonly stream?: string;
}

/** What the guard needs of an operation. */
export type GuardedOperation = Pick<Operation, 'project' | 'lock' | 'signal'>;
