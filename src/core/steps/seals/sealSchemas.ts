import * as z from 'zod';
import { GateConditionSchema, PHASES, StepProgressSchema } from '../../artifacts/schemas';

const digests = z.record(z.string(), z.string());

/** What one phase left, chained to the one before: a record that is taken out or exchanged breaks the chain. */
export const PhaseSealSchema = z.looseObject({
  phase: z.enum([...PHASES, 'begun', 'stopped', 'waive']),
  at: z.string(),
  epoch: z.number().int().nonnegative(),
  /** sha256 of each file of the iteration as it was written, by name. */
  digests,
  /** sha256 of the progress that was sealed with it. */
  progress: z.string(),
  outcome: z.string().nullable(),
  before: z.string().nullable(),
  seal: z.string(),
});
export type PhaseSeal = z.infer<typeof PhaseSealSchema>;

/** What an iteration came to; only a verdict or a waiver writes one. */
export const OutcomeSchema = z.looseObject({
  pass: z.boolean(),
  /** The tree that the checks ran on, that the reviewer saw and that passed. */
  tree: z.string().nullable(),
  base: z.string(),
  /** sha256 of the checks that were configured when the operation began. */
  config: z.string(),
  gate: z.array(GateConditionSchema),
});
export type Outcome = z.infer<typeof OutcomeSchema>;

/** A person's word that a pass counts that this Weld did not make. */
export const AcceptanceSchema = z.looseObject({
  reason: z.string(),
  at: z.string(),
  /** Why it needed a word, such as "passed elsewhere". */
  was: z.string(),
  tree: z.string().nullable(),
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

/** The files that configure agents as the person has left or accepted them, by digest. */
export const AgentFilesSchema = z.looseObject({
  trusted: z.record(z.string(), z.string()),
  /** Whether they still stood so when the last operation ended; what differs then is the person's. */
  settled: z.boolean(),
});
export type AgentFilesRecord = z.infer<typeof AgentFilesSchema>;

export const StepSealSchema = z.looseObject({
  /** The tree that the step began with. */
  base: z.string().nullish(),
  /** ISO time at which it began there. */
  selected_at: z.string().nullish(),
  /** sha256 of what `step.json` says of the step, in the words of the plan. */
  record: z.string().nullish(),
  agent_files: AgentFilesSchema.nullish(),
  iterations: z.record(z.string(), IterationSealSchema).default({}),
});
export type StepSeal = z.infer<typeof StepSealSchema>;

/** `<storage>/seals/<repository>/<run>.json`: what this Weld has judged, outside the reach of those that it judges. */
export const RunSealSchema = z.looseObject({
  version: z.literal(1),
  run: z.string(),
  /** The repository's top when it was written; for people who look into the folder. */
  repository: z.string(),
  steps: z.record(z.string(), StepSealSchema).default({}),
});
export type RunSeal = z.infer<typeof RunSealSchema>;
