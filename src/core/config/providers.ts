import * as z from 'zod';

/** The tasks for agents, named as in `[task_models]` of config.toml. */
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

interface ProviderEntry {
  /** The name for people. */
  readonly label: string;
  /** The program's usual name on the PATH. */
  readonly program: string;
  /** The command that logs a person in, for a terminal. */
  readonly login: string;
  /** Arguments with which the program reports whether it is logged in; the adapter reads the answer. */
  readonly loginStatus: readonly string[];
  /** Whether the program runs its commands in a sandbox of its own. */
  readonly ownSandbox: boolean;
  /** Settings of its section in config.toml besides `exec` and `model`. */
  readonly settings: z.ZodRawShape;
  /** The editor's description of that section. */
  readonly about: string;
  /** Commented lines for a new config.toml: in its section, and in `[task_models]`. */
  readonly examples: { readonly section: readonly string[]; readonly task: string };
  /** Files in a repository with instructions that people write for this agent. */
  readonly instructions: readonly string[];
  readonly environment: {
    /** Names of its own variables, in capitals. */
    readonly own: RegExp;
    /** Own variables that tie the program to the editor or terminal that started it; here Weld starts it. */
    readonly tied: RegExp;
    /** Credentials of a cloud: passed on only when the variable `when` makes the program use that cloud. */
    readonly clouds: readonly { readonly when: string; readonly names: RegExp }[];
  };
}

/**
 * The agents that are programs, in the order in which Weld offers them. All their differences are here or in the
 * adapter's folder in `core/agents`. A person (`manual`) and a recording (`replay`) are agents too, but not programs.
 */
export const PROVIDERS = {
  claude: {
    label: 'Claude Code',
    program: 'claude',
    login: 'claude auth login',
    loginStatus: ['auth', 'status'],
    ownSandbox: true,
    settings: {},
    about: 'Claude Code: its program and model.',
    examples: {
      section: ['exec = "claude"', 'model = "opus"'],
      task: 'implementation = { provider = "claude", model = "opus" }',
    },
    instructions: ['CLAUDE.md', '.claude/CLAUDE.md', 'AGENTS.md'],
    environment: {
      own: /^(?:ANTHROPIC_|CLAUDE_|DISABLE_(?:TELEMETRY|AUTOUPDATER|ERROR_REPORTING|COST_WARNINGS|PROMPT_CACHING)|BASH_(?:DEFAULT|MAX)_|MAX_THINKING_TOKENS$|MCP_TIMEOUT$|MCP_TOOL_TIMEOUT$)/u,
      tied: /^CLAUDE_CODE_(?:SSE_PORT|ENTRYPOINT|SESSION_ID)$/u,
      clouds: [
        { when: 'CLAUDE_CODE_USE_BEDROCK', names: /^AWS_/u },
        { when: 'CLAUDE_CODE_USE_VERTEX', names: /^(?:GOOGLE_|GCLOUD_|CLOUD_ML_|VERTEX_)/u },
      ],
    },
  },
  codex: {
    label: 'Codex',
    program: 'codex',
    login: 'codex login',
    loginStatus: ['login', 'status'],
    ownSandbox: true,
    settings: {
      sandbox: z.enum(['read-only', 'workspace-write']).optional().describe("Codex's sandbox for tasks that edit."),
    },
    about: 'Codex CLI: its program, model and sandbox.',
    examples: {
      section: ['exec = "codex"', 'sandbox = "workspace-write"'],
      task: 'implementation_review = { provider = "codex" }',
    },
    instructions: ['AGENTS.md'],
    environment: {
      own: /^(?:OPENAI_|CODEX_|AZURE_OPENAI_)/u,
      tied: /^CODEX_(?:SANDBOX|SANDBOX_NETWORK_DISABLED|THREAD_ID)$/u,
      clouds: [],
    },
  },
} as const satisfies Readonly<Record<string, ProviderEntry>>;

export type Provider = keyof typeof PROVIDERS;

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as readonly Provider[];

export const isProvider = (name: string): name is Provider => Object.hasOwn(PROVIDERS, name);

export const AGENT_KINDS = [...PROVIDER_NAMES, 'manual', 'replay'] as const;

export type AgentKind = (typeof AGENT_KINDS)[number];
