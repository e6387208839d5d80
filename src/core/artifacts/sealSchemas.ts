import * as z from 'zod';
import { GateConditionSchema, ObjectIdSchema, PHASES, StepProgressSchema } from './schemas';

const digests = z.record(z.string(), z.string());

/** What one phase left, chained to the phase before. Removing or replacing a record breaks the chain. */
export const PhaseSealSchema = z.looseObject({
  phase: z.enum([...PHASES, 'begun', 'stopped', 'waive']),
  at: z.string(),
  epoch: z.number().int().nonnegative(),
  /** sha256 of each file of the iteration as written, by name. */
  digests,
  /** sha256 of the progress sealed with it. */
  progress: z.string(),
  outcome: z.string().nullable(),
  before: z.string().nullable(),
  seal: z.string(),
});
export type PhaseSeal = z.infer<typeof PhaseSealSchema>;

/** The decision about an iteration; only a verdict or a waiver writes one. */
export const OutcomeSchema = z.looseObject({
  pass: z.boolean(),
  /** The tree that passed: the checks ran on it and the reviewer saw it. */
  tree: ObjectIdSchema.nullable(),
  base: ObjectIdSchema,
  /** sha256 of the settings of checks and gate when the operation began. */
  config: z.string(),
  gate: z.array(GateConditionSchema),
});
export type Outcome = z.infer<typeof OutcomeSchema>;

/** A person's decision that a pass counts that this Weld did not make. */
export const AcceptanceSchema = z.looseObject({
  reason: z.string(),
  at: z.string(),
  /** State before the acceptance, such as `passed-elsewhere`. */
  was: z.string(),
  tree: ObjectIdSchema.nullable(),
  digests,
});
export type Acceptance = z.infer<typeof AcceptanceSchema>;

export const IterationSealSchema = z.looseObject({
  progress: StepProgressSchema.nullish(),
  chain: z.array(PhaseSealSchema).default([]),
  outcome: OutcomeSchema.nullish(),
  accepted: AcceptanceSchema.nullish(),
});
export type IterationSeal = z.infer<typeof IterationSealSchema>;

/** Digests of the files that configure agents, as the person left or accepted them. */
export const AgentFilesSchema = z.looseObject({
  trusted: z.record(z.string(), z.string()),
  /** Whether they were unchanged when the last operation ended. Later changes are then the person's. */
  settled: z.boolean(),
});
export type AgentFilesRecord = z.infer<typeof AgentFilesSchema>;

export const StepSealSchema = z.looseObject({
  /** The tree from which the step began. */
  base: ObjectIdSchema.nullish(),
  /** ISO time at which the step began with this base. */
  selected_at: z.string().nullish(),
  /** sha256 of the text that `step.json` has from the plan. */
  record: z.string().nullish(),
  agent_files: AgentFilesSchema.nullish(),
  iterations: z.record(z.string(), IterationSealSchema).default({}),
});
export type StepSeal = z.infer<typeof StepSealSchema>;

/** `<storage>/seals/<repository>/<run>.json`: what this Weld has judged, out of reach of the guests that it judges. */
export const RunSealSchema = z.looseObject({
  version: z.literal(1),
  run: z.string(),
  /** The repository's top when it was written, for people who open the folder. */
  repository: z.string(),
  steps: z.record(z.string(), StepSealSchema).default({}),
});
export type RunSeal = z.infer<typeof RunSealSchema>;
