import type { ProgramResult, Programs } from '../process/ports';
import type { Logger } from '../util/logger';
import type { Agent } from './agent';

/** What creates an agent: the program and model that config.toml names, if any. */
export interface AgentSettings {
  readonly programs: Programs;
  readonly log?: Logger;
  readonly exec?: string;
  readonly model?: string;
  /** Codex only. */
  readonly sandbox?: 'read-only' | 'workspace-write';
}

export interface Login {
  readonly loggedIn: 'yes' | 'no' | 'unknown';
  /** How it is logged in, or what to do: at most one sentence, without secrets. */
  readonly how: string;
}

export const UNKNOWN_LOGIN: Login = { loggedIn: 'unknown', how: 'It did not say whether it is logged in.' };

/** The code for one agent program; its data is in `core/config/providers.ts`. */
export interface Adapter {
  readonly make: (settings: AgentSettings) => Agent;
  /**
   * Reads what the program printed for `loginStatus`.
   * @returns null when the program is not logged in
   */
  readonly readLogin: (
    result: ProgramResult,
    env: Readonly<Record<string, string>>,
  ) => Login | null | Promise<Login | null>;
}
