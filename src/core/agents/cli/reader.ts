import type { AgentEvent } from '../types';
import type { Fields } from './fields';
import type { Trouble } from './trouble';

/** What an event means for the watchdog: work goes on, the service is asked again, or nothing. */
export type Sign = 'progress' | 'retry' | 'nothing';

/** What the events of a program have told so far. */
export interface Report {
  readonly sessionId?: string | undefined;
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
  /** What it was not allowed to do. */
  readonly denials?: readonly string[] | undefined;
  /** Present once the program said that the task has ended well. */
  readonly answer?: { readonly text: string; readonly structured?: unknown } | undefined;
  /** The last thing that went wrong, by the program's own account. */
  readonly trouble?: Trouble | undefined;
}

/** Understands the events of one program; never throws, whatever it is given. */
export interface Reader {
  take(event: Fields): Sign;
  /** The output has ended: what was held back is passed on. */
  end(): void;
  readonly report: Report;
  /** True once waiting cannot help, such as after a refused key: the program would try for minutes. */
  readonly hopeless: boolean;
  /** True while a tool of the program works, which may be silent for long. */
  readonly busy: boolean;
  /** How long the program said it waits before it tries again, in ms. */
  readonly waitMs: number;
}

export type Emit = (event: AgentEvent) => void;

/**
 * The longest that a program is left to wait out a rate limit by itself, in ms: a longer wait is the loop's, which
 * shows it.
 */
export const LONGEST_OWN_WAIT_MS = 60_000;
