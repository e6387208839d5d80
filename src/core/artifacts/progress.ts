import * as z from 'zod';
import { ProgressSchema } from './schemas';

const count = z.number().int().nonnegative();

/** How everything stood when a reviewer, who may only read, was let at it. */
export const UnderReviewSchema = z.looseObject({
  tree: z.string(),
  head: z.string().nullable(),
  /** Size and time of files that no tree holds, by path. */
  left_out: z.record(z.string(), z.string()).default({}),
});

export type UnderReview = z.infer<typeof UnderReviewSchema>;

/** `progress.json` as the loop writes it: besides the finished phases what the gate needs to trust their files. */
export const StepProgressSchema = ProgressSchema.extend({
  format: count.default(1),
  /** Completed agent calls by task: what `attempt` counts on, also after a crash. */
  calls: z.record(z.string(), count).default({}),
  /** sha256 of each evidence file as its phase wrote it, by file name: a truncated one is recognised. */
  digests: z.record(z.string(), z.string()).default({}),
  /** The work tree after the checks; the same as `tree` unless they changed it each time that they ran. */
  checked_tree: z.string().nullish(),
  /** Files that the checks changed although they had run once before: nobody knows which tree they speak of. */
  unsettled: z.array(z.string()).default([]),
  /** What the guard found against the guests of this iteration, as sentences: it cannot pass. */
  violations: z.array(z.string()).default([]),
  /** How the guests were kept: `prevented` only when all of them were. */
  guard: z.looseObject({ mode: z.enum(['prevented', 'noticed']), opted: z.boolean() }).nullish(),
  /** Wall-clock ms at which it began: what is younger was written while it was worked on. */
  began_at_ms: z.number().optional(),
  /** Files that were written meanwhile and that no tree holds, ignored by git or left out by Weld. */
  ignored: z.array(z.string()).default([]),
  /** What a person should know about how this came about, as sentences. */
  notices: z.array(z.string()).default([]),
  /**
   * The loop that the iteration belongs to: its first and its last allowed iteration. A resume goes on to the same last
   * one.
   */
  loop: z.looseObject({ first: z.number().int().positive(), last: z.number().int().positive() }).optional(),
  configured_checks: z.array(z.string()).default([]),
  left_out: z.array(z.looseObject({ path: z.string(), why: z.string() })).default([]),
  /** How the review ended, and while it has not, how everything stood before it. */
  review: z
    .looseObject({
      ended: z.boolean(),
      why: z.string().default(''),
      changed: z.array(z.string()).default([]),
      before: UnderReviewSchema.nullish(),
    })
    .nullish(),
});

export type StepProgress = z.infer<typeof StepProgressSchema>;
