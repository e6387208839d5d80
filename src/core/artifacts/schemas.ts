import * as z from 'zod';
import { CallSchema, CallsSchema } from './callSchemas';

/**
 * The records of a run; see README.md. Loose objects keep fields that this version does not know, so that a file of
 * another version survives being rewritten. Times are ISO text, durations are in ms, sizes in bytes.
 */
const time = z.string();

const count = z.number().int().nonnegative();

/** The field of an object id. A record may be damaged: core/git checks the form (`oid`) before git sees it. */
export const ObjectIdSchema = z.string().brand<'Oid'>();

/** A git object id in hex; a path or the name of a ref is none. */
export type Oid = z.infer<typeof ObjectIdSchema>;

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
  /** The end of the output; the whole output is in `checks/<category>.txt`. */
  output: z.string().default(''),
  /** Whether it failed once and passed when run again. */
  flaky: z.boolean().optional(),
  /** Equal for equal failures; present only if the whole output of the failure was kept. */
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
  /** The acceptance criterion that the issue is about, as text or number; empty or null for none. */
  maps_to: z.union([z.string(), z.number().transform(String)]).nullish(),
  id: z.string().optional(),
  line: z.number().int().positive().nullish(),
  waived: z.looseObject({ reason: z.string(), at: time }).nullish(),
});

/**
 * A person's waiver of a condition of `[gate]`; it applies only to the findings with these keys.
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
  /** How the condition is configured in `[gate]`. */
  word: z.enum(['block', 'ask', 'warn']).optional(),
  /** The findings of such a condition. */
  found: z.array(FindingSchema).optional(),
  /** Why a person waived it. */
  waived: z.looseObject({ reason: z.string(), at: time }).nullish(),
  /** Whether a person was asked and did not allow it. */
  refused: z.boolean().optional(),
  /** Whether it could not be checked. */
  unseen: z.boolean().optional(),
});

export const StatusSchema = z.looseObject({
  pass: z.boolean(),
  issue_count: count,
  blocker_count: count,
  major_count: count,
  minor_count: count,
  checks_summary: ChecksSummarySchema.nullish(),
  /** -1 if the checks did not run. */
  checks_exit_code: z.number().int(),
  diff_nonempty: z.boolean(),
  timestamp: time,
  epoch: count.optional(),
  gate: z.array(GateConditionSchema).optional(),
  /** The waived issues, so that a pass shows what was waived. */
  waivers: z.array(z.looseObject({ id: z.string(), reason: z.string() })).optional(),
  /** The git object id of the tree that was judged. */
  tree: ObjectIdSchema.nullish(),
  /**
   * How the guests of the iteration were guarded; `opted` is true if config.toml turned prevention off for one of them.
   */
  guard: z.looseObject({ mode: z.enum(['prevented', 'noticed']), opted: z.boolean() }).optional(),
  /** The failing checks that already failed before the step began, if known. */
  failed_before: z.array(z.string()).optional(),
  /** Findings that conditions of `[gate]` only warn about, as sentences. */
  warnings: z.array(z.string()).optional(),
  /** Oddities of the verdict and how Weld read them, and other notes for the person, as sentences. */
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
  /** Path of the agent's own record of that session. */
  transcript: z.string().nullish(),
  review_session_id: z.string().nullish(),
  review_transcript: z.string().nullish(),
  tokens: z.number().nullish(),
  cost_usd: z.number().nullish(),
  /** Actions that were denied to the agents, each in a few words. */
  denials: z.array(z.string()).nullish(),
  /** Each call of an agent, oldest first. */
  calls: z.array(CallSchema).nullish(),
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

/** The phases of one iteration, in order; `implement` means to implement in the first and to fix in later ones. */
export type Phase = (typeof PHASES)[number];

/** `progress.json`, not in the command-line Weld: the finished phases, so that a resume does not repeat them. */
export const ProgressSchema = z.looseObject({
  iteration: z.number().int().positive(),
  done: z.array(z.enum(PHASES)),
  /** The tree (git object id) captured after the agent's work, once `diff` is done. */
  tree: ObjectIdSchema.nullish(),
  epoch: count,
  updated_at: time,
});

const KB = 1024;

/** Maximum size in bytes of a record whose texts come from an agent, a plan or a program. */
const MOST_RECORD = 4 * KB * KB;

/** Maximum size in bytes of particular records, far above any real one. The default is `MOST_RECORD`. */
const MOST: ReadonlyMap<z.ZodType, number> = new Map<z.ZodType, number>([
  [SpecRefSchema, 64 * KB],
  [HistoryMetaSchema, 64 * KB],
  [TimingSchema, KB * KB],
  [CallsSchema, KB * KB],
  [MetaSchema, KB * KB],
  [StepRecordSchema, 8 * KB * KB],
]);

/** @returns the maximum size in bytes of a file with this kind of record */
export function mostBytesOf(schema: z.ZodType): number {
  return MOST.get(schema) ?? MOST_RECORD;
}

/** The state of the work tree when a review began: a reviewer may only read. */
export const UnderReviewSchema = z.looseObject({
  tree: ObjectIdSchema,
  head: z.string().nullable(),
  /** Size and time of files that are in no tree, by path. */
  left_out: z.record(z.string(), z.string()).default({}),
});

export type UnderReview = z.infer<typeof UnderReviewSchema>;

/** `progress.json` as the loop writes it: the finished phases, and what the gate needs to trust their files. */
export const StepProgressSchema = ProgressSchema.extend({
  format: count.default(1),
  /** Number of completed agent calls by task, from which `attempt` is counted, also after a crash. */
  calls: z.record(z.string(), count).default({}),
  /** sha256 of each evidence file as its phase wrote it, by file name, so that a truncated file is detected. */
  digests: z.record(z.string(), z.string()).default({}),
  /** The tree after the checks; the same as `tree` unless they changed it in every run. */
  checked_tree: ObjectIdSchema.nullish(),
  /** Files that the checks changed again in their second run, so that their result belongs to no certain tree. */
  unsettled: z.array(z.string()).default([]),
  /** What guests of this iteration did beyond their tasks, as sentences; with any of these it cannot pass. */
  violations: z.array(z.string()).default([]),
  /** How the guests were guarded: `prevented` only if all of them were. */
  guard: z.looseObject({ mode: z.enum(['prevented', 'noticed']), opted: z.boolean() }).nullish(),
  /** Wall-clock time in ms at which the iteration began; files with a later time were written during it. */
  began_at_ms: z.number().optional(),
  /** Files that were written during the iteration but are in no tree: ignored by git or left out by Weld. */
  ignored: z.array(z.string()).default([]),
  /** What a person should know about this iteration, as sentences. */
  notices: z.array(z.string()).default([]),
  /**
   * The first and the last allowed iteration of the loop that this one belongs to. A resume keeps the same last one.
   */
  loop: z.looseObject({ first: z.number().int().positive(), last: z.number().int().positive() }).optional(),
  configured_checks: z.array(z.string()).default([]),
  left_out: z.array(z.looseObject({ path: z.string(), why: z.string() })).default([]),
  /** How the review ended, or, while it has not, the state before it. */
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
