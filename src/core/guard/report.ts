/** What the guard saw of one guest. */
export interface GuardReport {
  /** Whether the system kept the guest from what judges it, or changes were only looked for afterwards. */
  readonly mode: 'prevented' | 'noticed';
  /** Sentences; each ends the step as `violation`. */
  readonly violations: readonly string[];
  /** Sentences for the person to know of. */
  readonly warnings: readonly string[];
  /** Whether `[guard]` in config.toml took prevention off this guest. */
  readonly opted: boolean;
}
