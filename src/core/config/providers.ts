import * as z from 'zod';

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

interface ProviderEntry {
  /** The name for people. */
  readonly label: string;
  /** The program's usual name on the path. */
  readonly program: string;
  /** The command that logs a person in, as they type it in a terminal. */
  readonly login: string;
  /** Arguments that make the program say whether it is logged in; the adapter reads the answer. */
  readonly loginStatus: readonly string[];
  /** Whether the program sets up a sandbox of its own for the commands that it runs. */
  readonly ownSandbox: boolean;
  /** What its section of config.toml has beside `exec` and `model`. */
  readonly settings: z.ZodRawShape;
  /** What the editor says about that section. */
  readonly about: string;
  /** Lines of a new config.toml, as comments: in the section, and in `[task_models]`. */
  readonly examples: { readonly section: readonly string[]; readonly task: string };
  /** Files of a repository in which people write instructions for this agent. */
  readonly instructions: readonly string[];
  readonly environment: {
    /** Names of its own variables, in capitals. */
    readonly own: RegExp;
    /** Of these, the ones that tie it to the editor or terminal it was started in; ours is started by Weld. */
    readonly tied: RegExp;
    /** A cloud's credentials go to the program only when the variable `when` tells it to use that cloud. */
    readonly clouds: readonly { readonly when: string; readonly names: RegExp }[];
  };
}

/**
 * The agents that are programs, in the order in which Weld offers them. Everything that differs between them stands
 * here or in the adapter's folder below `core/agents`. A person (`manual`) and a recording (`replay`) are agents too,
 * but no programs.
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
