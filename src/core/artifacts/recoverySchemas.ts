import * as z from 'zod';
import { ObjectIdSchema } from './schemas';

/**
 * `restored.json`: the state to which the work tree was last restored, so that later iterations continue from there.
 */
export const RestoredSchema = z.looseObject({
  /** What the person chose, such as "iteration 1". */
  target: z.string(),
  tree: z.string(),
  /** The iteration that has this tree; 0: the step's beginning. */
  iteration: z.number().int().nonnegative(),
  /** The latest finished iteration at that time; later iterations continue from the restored state. */
  latest: z.number().int().nonnegative(),
  restored_at: z.string(),
});

export type Restored = z.infer<typeof RestoredSchema>;

/**
 * A commit that is about to be made. The record is on disk while git works, so a crash between git's commit and Weld's
 * record of it loses nothing.
 */
export const PendingSchema = z.looseObject({
  /** HEAD before the commit; null in a repository without commits. */
  parent: z.string().nullable(),
  tree_before: ObjectIdSchema,
  message: z.string(),
  trailers: z.array(z.looseObject({ key: z.string(), value: z.string() })),
  /** Numbers of the steps that may be in the commit. */
  steps: z.array(z.number().int()),
  /** Whether the commit contains all changes of those steps. */
  passed: z.boolean().optional(),
  started_at: z.string(),
});

export type Pending = z.infer<typeof PendingSchema>;

/** The record of one supervised program, written before it starts and erased after its process tree has ended. */
export const WorkerSchema = z.looseObject({
  id: z.string(),
  /** The id again: everything the program starts carries it in its environment. */
  marker: z.string(),
  /** The supervisor and its start time, as the system writes it. */
  pid: z.number().int().positive(),
  pid_started_at: z.string().nullish(),
  /** Where the program runs, as in the lock's record. */
  host: z.string().nullish(),
  boot_id: z.string().nullish(),
  pid_ns: z.string().nullish(),
  epoch: z.number().int().nonnegative().nullish(),
  program: z.string(),
});

export type Worker = z.infer<typeof WorkerSchema>;

export const SessionSchema = z.looseObject({
  step: z.number().int(),
  iteration: z.number().int(),
  session_id: z.string(),
  /** `review` for the reviewer's session; absent for the session of the agent that implemented or fixed. */
  role: z.literal('review').optional(),
  /** The agent program's own record of the session, if the program reports one. */
  transcript: z.string().optional(),
  /** Tokens of the whole iteration; set only on its first session. */
  tokens: z.number().nullish(),
  /** Cost of the whole iteration, in US dollars; set only on its first session. */
  cost_usd: z.number().nullish(),
});

/** `commit/transcript.json`: the sessions behind all commits of a run. */
export const TranscriptSchema = z.looseObject({
  run_id: z.string().optional(),
  sessions: z.array(SessionSchema).default([]),
});
