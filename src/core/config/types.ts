import type { Config } from './schema';

/** Something in config.toml that a person should look at; `line` and `column` count from 1. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key, such as `loop.max_iterations`. */
  readonly key?: string;
  /** The same key in its parts: a part may hold a dot. */
  readonly path?: readonly string[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** sha256 of the file's bytes; of nothing when there is no file. */
  readonly hash: string;
  /** Unknown keys and legacy names; errors throw `CONFIG_INVALID` instead. */
  readonly problems: readonly ConfigProblem[];
}
