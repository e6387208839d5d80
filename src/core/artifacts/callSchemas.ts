import * as z from 'zod';

/** One call of an agent. */
export const CallSchema = z.looseObject({
  /** As in `[task_models]` of config.toml. */
  task: z.string(),
  /** Such as `claude`. */
  agent: z.string(),
  model: z.string().nullish(),
  /** ISO time of the question. */
  at: z.string(),
  ms: z.number().default(0),
  tokens_in: z.number().nullish(),
  tokens_out: z.number().nullish(),
  /** Absent when the agent reports none and `[prices]` has no price of its model. */
  cost_usd: z.number().nullish(),
  cost_from: z.enum(['agent', 'prices']).nullish(),
  /** Wait for the service's limits before the call. */
  waited_ms: z.number().nullish(),
  denials: z.array(z.string()).nullish(),
  /** How the call failed, such as `rate_limit`; absent for an answer. */
  failure: z.string().nullish(),
});

export type Call = z.input<typeof CallSchema>;

/** `calls.json`, not in the command-line Weld: the calls for research and plan. */
export const CallsSchema = z.looseObject({ calls: z.array(CallSchema).default([]) });
