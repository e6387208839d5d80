import type { RunLock } from '../lock/types';
import type { GuestPrograms } from '../process/types';
import type { Operation } from '../project';
import type { GuardReport } from './report';

/** Whatever may run the repository's code: nothing that is judged may reach what judges it. */
export interface Guest {
  readonly kind: 'agent' | 'check' | 'hook' | 'filter' | 'setup';
  /** As `[guard]` in config.toml names it: a check's category, an agent's kind. */
  readonly name: string;
  /** How sentences to the person begin, such as "Claude Code" or "The check test". */
  readonly label: string;
  /** A person does the task by hand, who may commit and configure as they like. */
  readonly person?: boolean;
  /** Works inside this process: no program starts that could be shut in. */
  readonly inProcess?: boolean;
}

/** What the guard needs of an operation. */
export type GuardedOperation = Pick<Operation, 'project' | 'lock' | 'signal'>;

/** What a guest does, with the programs that it may start. */
export type GuestWork<T> = (programs: GuestPrograms) => Promise<T>;

export interface Guarded<T> {
  readonly result: T;
  readonly report: GuardReport;
}

/** The guard as git needs it, which starts hooks and filters: programs of other people. */
export interface Guests {
  around<T>(request: GuestRequest, work: GuestWork<T>): Promise<Guarded<T>>;
}

export interface GuestRequest {
  readonly lock: RunLock;
  readonly guest: Guest;
  /** Files or folders of Weld's own that it has to write, absolute: the index that a hook may add to. */
  readonly writable?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}
