import * as z from 'zod';

/**
 * The records of a run (README.md). Loose objects keep fields that this version does not know,
 * so that a file written by another Weld survives being rewritten. Times are ISO text; durations are ms; sizes are
 * bytes.
 */
const time = z.string();
const count = z.number().int().nonnegative();

export const MetaSchema = z.looseObject({
  run_id: z.string(),
  created_at: time,
  updated_at: time,
  repo_root: z.string(),
  branch: z.string(),
  head_sha: z.string(),
  config_hash: z.string(),
  tool_versions: z.record(z.string(), z.string()).default({}),
  plan_parse_warnings: z.array(z.string()).default([]),
  research_version: count.default(0),
  plan_version: count.default(0),
  stale_artifacts: z.array(z.string()).default([]),
  stale_overrides: z
    .array(z.looseObject({ timestamp: time, artifact: z.string(), stale_reason: z.string() }))
    .default([]),
  last_used_at: time.nullish(),
  command_history: z.array(z.looseObject({ timestamp: time, command: z.string() })).default([]),
  abandoned: z.boolean().default(false),
  abandoned_at: time.nullish(),
  commits: z
    .array(z.looseObject({ sha: z.string(), steps: z.array(z.number().int()), committed_at: time }))
    .default([]),
});
export type Meta = z.infer<typeof MetaSchema>;

export const SpecRefSchema = z.looseObject({
  absolute_path: z.string(),
  sha256: z.string(),
  size_bytes: count,
  git_blob_id: z.string().nullish(),
});
export type SpecRef = z.infer<typeof SpecRefSchema>;

export const StepRecordSchema = z.looseObject({
  n: z.number().int(),
  title: z.string(),
  slug: z.string(),
  body_md: z.string(),
  acceptance_criteria: z.array(z.string()).default([]),
  tests: z.array(z.string()).default([]),
});
export type StepRecord = z.infer<typeof StepRecordSchema>;

export const CheckResultSchema = z.looseObject({
  category: z.string(),
  exit_code: z.number().int(),
  passed: z.boolean(),
  /** The last part of the output; the whole is in `checks/<category>.txt`. */
  output: z.string().default(''),
  /** Failed once and passed when run again. */
  flaky: z.boolean().optional(),
  /** Of a failure whose output was kept whole: the same failure has the same one. */
  signature: z.string().optional(),
});
export const ChecksSummarySchema = z.looseObject({
  categories: z.record(z.string(), CheckResultSchema),
  first_failure: z.string().nullish(),
  all_passed: z.boolean(),
});
export type CheckResult = z.infer<typeof CheckResultSchema>;
export type ChecksSummary = z.infer<typeof ChecksSummarySchema>;

export const SEVERITIES = ['blocker', 'major', 'minor'] as const;
export const IssueSchema = z.looseObject({
  severity: z.enum(SEVERITIES),
  file: z.string().default(''),
  hint: z.string(),
  /** The acceptance criterion that the issue speaks of, as text or number; empty or null: none. */
  maps_to: z.union([z.string(), z.number().transform(String)]).nullish(),
  id: z.string().optional(),
  line: z.number().int().positive().nullish(),
  waived: z.looseObject({ reason: z.string(), at: time }).nullish(),
});
/**
 * What a person let through of a condition of `[gate]`; it holds for the findings with these keys and for no others.
 */
export const ConditionWaiverSchema = z.looseObject({
  condition: z.string(),
  keys: z.array(z.string()),
  reason: z.string(),
  at: time,
});
export const IssuesFileSchema = z.looseObject({
  pass: z.boolean(),
  issues: z.array(IssueSchema),
  waived_conditions: z.array(ConditionWaiverSchema).optional(),
});
export type Issue = z.infer<typeof IssueSchema>;
export type ConditionWaiver = z.infer<typeof ConditionWaiverSchema>;
export type IssuesFile = z.infer<typeof IssuesFileSchema>;

const FindingSchema = z.looseObject({ path: z.string(), what: z.string(), key: z.string() });
export const GateConditionSchema = z.looseObject({
  condition: z.string(),
  ok: z.boolean(),
  why: z.string(),
  /** The word of a condition of `[gate]`. */
  word: z.enum(['block', 'ask', 'warn']).optional(),
  /** What such a condition found. */
  found: z.array(FindingSchema).optional(),
  /** Why a person let it through. */
  waived: z.looseObject({ reason: z.string(), at: time }).nullish(),
  /** A person was asked and did not allow it. */
  refused: z.boolean().optional(),
  /** It could not be looked at. */
  unseen: z.boolean().optional(),
});
export const StatusSchema = z.looseObject({
  pass: z.boolean(),
  issue_count: count,
  blocker_count: count,
  major_count: count,
  minor_count: count,
  checks_summary: ChecksSummarySchema.nullish(),
  /** -1: not run. */
  checks_exit_code: z.number().int(),
  diff_nonempty: z.boolean(),
  timestamp: time,
  epoch: count.optional(),
  gate: z.array(GateConditionSchema).optional(),
  /** Hints of waived issues, so that a pass shows what was let through. */
  waivers: z.array(z.looseObject({ id: z.string(), reason: z.string() })).optional(),
  /** The tree that was judged, a git object id. */
  tree: z.string().nullish(),
  /**
   * How the guests of the iteration were kept from what judges them; `opted`: config.toml took prevention off one of
   * them.
   */
  guard: z.looseObject({ mode: z.enum(['prevented', 'noticed']), opted: z.boolean() }).optional(),
  /** The failing checks that failed before the step began, where that is known. */
  failed_before: z.array(z.string()).optional(),
  /** What conditions of `[gate]` found and let through, as sentences. */
  warnings: z.array(z.string()).optional(),
  /** What was odd in the verdict and how it was taken, and what else a person should know, as sentences. */
  notices: z.array(z.string()).optional(),
});
export type GateCondition = z.infer<typeof GateConditionSchema>;
export type Status = z.infer<typeof StatusSchema>;

export const TimingSchema = z.looseObject({
  ai_invocation_ms: z.number().default(0),
  checks_ms: z.number().default(0),
  review_ms: z.number().default(0),
  total_ms: z.number().default(0),
  session_id: z.string().nullish(),
  /** Path of the program's own record of that session. */
  transcript: z.string().nullish(),
  review_session_id: z.string().nullish(),
  review_transcript: z.string().nullish(),
  tokens: z.number().nullish(),
  cost_usd: z.number().nullish(),
  /** What the agents wanted to do and were not allowed, each in a few words. */
  denials: z.array(z.string()).nullish(),
});
export type Timing = z.infer<typeof TimingSchema>;

export const HistoryMetaSchema = z.looseObject({
  version: count,
  created_at: time,
  review_id: z.string().nullish(),
  trigger_reason: z.string(),
  superseded_at: time.nullish(),
});
export type HistoryMeta = z.infer<typeof HistoryMetaSchema>;

export const PHASES = ['implement', 'diff', 'checks', 'review', 'verdict'] as const;
/** The phases of one iteration, in order; `implement` stands for implement (first) or fix (later). */
export type Phase = (typeof PHASES)[number];

/** `progress.json`, ours: how far an iteration has come, so that a resume starts no finished phase again. */
export const ProgressSchema = z.looseObject({
  iteration: z.number().int().positive(),
  done: z.array(z.enum(PHASES)),
  /** The tree (git object id) captured after the agent's work, once `diff` is done. */
  tree: z.string().nullish(),
  epoch: count,
  updated_at: time,
});

const KB = 1024;
/** A record whose texts come from an agent, a plan or a program. */
const MOST_RECORD = 4 * KB * KB;
/** What no honest record of a kind comes near, in bytes; of others `MOST_RECORD`. */
const MOST: ReadonlyMap<z.ZodType, number> = new Map<z.ZodType, number>([
  [SpecRefSchema, 64 * KB],
  [HistoryMetaSchema, 64 * KB],
  [TimingSchema, 64 * KB],
  [MetaSchema, KB * KB],
  [StepRecordSchema, 8 * KB * KB],
]);

/** @returns how long a file with a record of this kind may be, in bytes */
export function mostBytesOf(schema: z.ZodType): number {
  return MOST.get(schema) ?? MOST_RECORD;
}

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
