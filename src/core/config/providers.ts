/** The tasks an agent is asked to do; the names are those of `[task_models]` in config.toml. */
export const TASKS = [
  'research',
  'research_review',
  'plan_generation',
  'plan_review',
  'implementation',
  'implementation_review',
  'fix_generation',
  'discover',
  'interview',
] as const;

export type Task = (typeof TASKS)[number];

export type AgentKind = 'claude' | 'codex' | 'manual' | 'replay';
