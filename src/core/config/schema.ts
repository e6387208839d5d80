import * as z from 'zod';
import { TASKS } from '../agents/types';

/** `.weld/config.toml` as the runtime and the editor read it: one source for both. Keys are those of the file. */
const TaskModelSchema = z.looseObject({
  provider: z.enum(['claude', 'codex', 'manual', 'replay']).describe('Which agent does this task.'),
  model: z.string().optional().describe("The model's name, as the agent program knows it."),
  exec: z.string().optional().describe("The agent program, when it is not on the path under its usual name."),
  recording: z.string().optional().describe('For `replay`: the recording, relative to the repository.'),
});
export type TaskModel = z.infer<typeof TaskModelSchema>;

const ProgramSchema = z.looseObject({
  exec: z.string().optional().describe('The program, when it is not on the path under its usual name.'),
  model: z.string().optional().describe('The model to ask for.'),
});

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
  claude: ProgramSchema.prefault({}),
  codex: ProgramSchema.extend({ sandbox: z.enum(['read-only', 'workspace-write']).optional().describe("Codex's sandbox for tasks that edit.") }).prefault({}),
  replay: z.looseObject({ recording: z.string().optional().describe('The recording that `replay` plays, relative to the repository.') }).prefault({}),
  git: z
    .looseObject({
      commit_trailer_key: z.string().default('Claude-Transcript').describe('The trailer that names the transcript.'),
      include_run_trailer: z.boolean().default(true).describe('Adds `Weld-Run:` to each commit.'),
    })
    .prefault({}),
  loop: z
    .looseObject({
      max_iterations: z.number().int().positive().default(5).describe('The loop stops after this many iterations.'),
      fail_on_blockers_only: z.boolean().default(true).describe('When false, any open issue keeps a step from passing.'),
      max_minutes: z.number().positive().optional().describe('The loop stops after this many minutes, counted from each start or resume.'),
      max_cost_usd: z.number().positive().optional().describe('The loop stops when the agents have cost this much, counted from each start or resume.'),
    })
    .prefault({}),
  task_models: z.partialRecord(z.enum(TASKS), TaskModelSchema).prefault({}).describe('Which agent does which task.'),
});
export type Config = z.infer<typeof ConfigSchema>;
