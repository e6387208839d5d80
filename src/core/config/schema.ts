import * as z from 'zod';
import { AGENT_KINDS, PROVIDER_NAMES, PROVIDERS, type Provider, TASKS } from './providers';

/** `.weld/config.toml` as the runtime and the editor read it. Keys are those of the file. */
const TaskModelSchema = z.looseObject({
  provider: z.enum(AGENT_KINDS).describe('Which agent does this task.'),
  model: z.string().optional().describe("The model's name, as the agent program knows it."),
  exec: z.string().optional().describe('The agent program, when it is not on the path under its usual name.'),
  recording: z.string().optional().describe('For `replay`: the recording, relative to the repository.'),
});

export type TaskModel = z.infer<typeof TaskModelSchema>;

const ProgramSchema = z.looseObject({
  exec: z.string().optional().describe('The program, when it is not on the path under its usual name.'),
  model: z.string().optional().describe('The model to ask for.'),
});

type Section<More extends z.ZodRawShape> = z.ZodPrefault<z.ZodObject<typeof ProgramSchema.shape & More, z.core.$loose>>;

/** One section for each agent program. */
const SECTIONS = Object.fromEntries(
  PROVIDER_NAMES.map((name) => [name, ProgramSchema.extend(PROVIDERS[name].settings).prefault({})]),
) as { readonly [Name in Provider]: Section<(typeof PROVIDERS)[Name]['settings']> };

/** What a condition of the gate does when it finds something, from the strictest to silence. */
const GATE_WORDS = ['block', 'ask', 'warn', 'off'] as const;

export type GateWord = (typeof GATE_WORDS)[number];

const WORDS_MEAN =
  '`block`: the step does not pass. `ask`: a person decides. `warn`: it is reported, and the step passes. `off`: ' +
  'not looked at.';

const word = (fallback: GateWord, what: string) =>
  z.enum(GATE_WORDS).default(fallback).describe(`${what} ${WORDS_MEAN}`);

/** The conditions for what a step changed, each with its reaction. */
const GateSchema = z
  .looseObject({
    tests: word('warn', 'Tests that were deleted, skipped or emptied.'),
    scope: word('warn', "Files outside the step's *Changes*."),
    protected: word(
      'ask',
      'Files that affect the checks: CI, hooks, the scripts and settings behind checks, and `protected_paths`.',
    ),
    ignored: word('warn', 'Ignored files that an agent or a check wrote: no diff shows them.'),
    protected_paths: z
      .array(z.string())
      .default([])
      .describe('More protected files, as patterns such as `deploy/**`; one without a slash holds in every folder.'),
    baseline: z
      .boolean()
      .default(false)
      .describe(
        'Runs the checks before the first agent of a step too, unless they ran on the same files already, so ' +
          'that a failing check shows whether it failed before.',
      ),
  })
  .prefault({})
  .describe('What a step may not do unnoticed.');

export const ConfigSchema = z.looseObject({
  project: z.looseObject({ name: z.string().optional().describe("The project's name, used in prompts.") }).prefault({}),
  checks: z
    .looseObject({
      order: z.array(z.string()).optional().describe('The order in which the categories run.'),
      timeout_seconds: z.number().positive().default(600).describe('The time limit of one check, in seconds.'),
    })
    .catchall(z.string())
    .prefault({})
    .describe('One command for each category, run without a shell; a step passes only when all exit with 0.'),
  ...SECTIONS,
  replay: z
    .looseObject({
      recording: z.string().optional().describe('The recording that `replay` plays, relative to the repository.'),
    })
    .prefault({}),
  git: z
    .looseObject({
      commit_trailer_key: z.string().default('Claude-Transcript').describe('The trailer that names the transcript.'),
      include_run_trailer: z.boolean().default(true).describe('Adds `Weld-Run:` to each commit.'),
    })
    .prefault({}),
  loop: z
    .looseObject({
      max_iterations: z.number().int().positive().default(5).describe('The loop stops after this many iterations.'),
      fail_on_blockers_only: z
        .boolean()
        .default(true)
        .describe('When false, any open issue keeps a step from passing.'),
      max_minutes: z
        .number()
        .positive()
        .optional()
        .describe('The loop stops after this many minutes, counted from each start or Continue.'),
      max_cost_usd: z
        .number()
        .positive()
        .optional()
        .describe('The loop stops when the agents have cost this much, counted from each start or Continue.'),
      max_total_cost_usd: z
        .number()
        .positive()
        .optional()
        .describe('No agent is asked once the whole run has cost this much, over all its steps and starts.'),
    })
    .prefault({}),
  prices: z
    .record(z.string(), z.object({ input: z.number().nonnegative(), output: z.number().nonnegative() }))
    .prefault({})
    .describe(
      'What a million tokens of a model cost, in USD, for agents that report tokens but no cost: ' +
        '`"model" = { input = 1.25, output = 10.0 }`.',
    ),
  gate: GateSchema,
  guard: z
    .record(z.string(), z.enum(['notice']))
    .prefault({})
    .describe(
      `Takes the sandbox off one check category, agent (\`${PROVIDER_NAMES.join('`, `')}\`) or \`commit\`: ` +
        '`notice`. What it changes is then only noticed.',
    ),
  task_models: z.partialRecord(z.enum(TASKS), TaskModelSchema).prefault({}).describe('Which agent does which task.'),
});

export type Config = z.infer<typeof ConfigSchema>;

/** A problem in config.toml; `line` and `column` count from 1. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key, such as `loop.max_iterations`. */
  readonly key?: string;
  /** The key's parts; a part may contain a dot. */
  readonly path?: readonly string[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** SHA-256 of the file's text; of the empty text without a file. */
  readonly hash: string;
  /** Unknown keys and legacy names; errors throw `CONFIG_INVALID` instead. */
  readonly problems: readonly ConfigProblem[];
}
