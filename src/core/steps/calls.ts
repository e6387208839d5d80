import type { Agent, AgentResult } from '../agents/agent';
import { type Call, CallsSchema } from '../artifacts/callSchemas';
import { isStepKey, type RunId } from '../artifacts/runIds';
import { TimingSchema } from '../artifacts/schemas';
import { listFolders, readRecord, writeRecord } from '../artifacts/store';
import type { Config } from '../config/schema';
import type { Operation, Project } from '../project';
import { elapsed } from '../util/duration';
import { iterationsOnDisk } from './stepProgress';

/** Maximum number of calls that a record keeps; the newest stay. */
const MOST_CALLS = 100;

/** One answer of an agent, and when it was asked. */
export interface Answered {
  readonly task: string;
  readonly agent: Agent;
  readonly result: AgentResult;
  /** ISO time of the question. */
  readonly at: string;
  /** Wait for the service's limits before this call, in ms. */
  readonly waitedMs?: number;
}

/** Describes a call as records keep it, with the cost that the agent reported or the price table gives. */
export function describeCall({ task, agent, result, at, waitedMs = 0 }: Answered, config: Config): Call {
  const { usage } = result;
  const cost = costOf(usage, config);
  return {
    task,
    agent: agent.kind,
    at,
    ms: usage.durationMs,
    ...(usage.model !== undefined && { model: usage.model }),
    ...(usage.tokensIn !== undefined && { tokens_in: usage.tokensIn }),
    ...(usage.tokensOut !== undefined && { tokens_out: usage.tokensOut }),
    ...(cost && { cost_usd: cost.usd, cost_from: cost.from }),
    ...(waitedMs > 0 && { waited_ms: Math.round(waitedMs) }),
    ...(usage.denials && { denials: [...usage.denials] }),
    ...(!result.ok && { failure: result.failure }),
  };
}

/** @returns undefined when the agent reports no cost and the price table does not know its model */
function costOf(
  { costUsd, model, tokensIn, tokensOut }: AgentResult['usage'],
  { prices }: Config,
): { readonly usd: number; readonly from: 'agent' | 'prices' } | undefined {
  if (costUsd !== undefined) return { usd: costUsd, from: 'agent' };
  // The program reports the model: it may be called like a property that every object has.
  const price = model !== undefined && Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (!price || (tokensIn === undefined && tokensOut === undefined)) return undefined;
  const usd = ((tokensIn ?? 0) * price.input + (tokensOut ?? 0) * price.output) / 1e6;
  return { usd, from: 'prices' };
}

/** Says what a call took, such as "Codex: 3 min 5 s, 12,000 tokens in, 900 out, $0.12; $1.20 so far". */
export function spentWords(
  label: string,
  call: Call,
  { costUsd, earlierUsd }: { costUsd: number; earlierUsd: number },
): string {
  const parts = [
    elapsed(call.ms ?? 0),
    ...(typeof call.tokens_in === 'number' ? [`${call.tokens_in.toLocaleString('en-US')} tokens in`] : []),
    ...(typeof call.tokens_out === 'number' ? [`${call.tokens_out.toLocaleString('en-US')} out`] : []),
    ...(typeof call.cost_usd === 'number' ? [`$${call.cost_usd.toFixed(2)}`] : []),
  ];
  const sum = costUsd + earlierUsd;
  return `${label}: ${parts.join(', ')}${sum > 0 ? `; $${sum.toFixed(2)} so far` : ''}`;
}

/** The calls with one more, without the oldest when there are too many. */
export const withCall = (calls: readonly Call[] | null | undefined, call: Call): Call[] =>
  [...(calls ?? []), call].slice(-MOST_CALLS);

/** Adds a call of a plan or research task to the run's record. */
export async function noteRunCall(op: Operation, run: RunId, call: Call): Promise<void> {
  const file = op.project.paths.run(run).calls;
  const { calls } = await runCalls(op.project, run);
  await writeRecord(op.lock, file, CallsSchema, { calls: withCall(calls, call) });
}

/** The calls for research and plan, oldest first; none if their record cannot be read. */
export const runCalls = async (project: Project, run: RunId): Promise<{ readonly calls: readonly Call[] }> =>
  (await readRecord(project.paths.run(run).calls, CallsSchema).catch(() => null)) ?? { calls: [] };

/** No record makes a run cheaper than it was. */
const spent = (record: { readonly cost_usd?: number | null | undefined } | null): number =>
  Math.max(0, record?.cost_usd ?? 0);

/**
 * What the agents have cost in a run, over all its tasks, steps and starts. In USD. A record that cannot be read counts
 * as nothing.
 */
export async function costOfRun(project: Project, run: RunId): Promise<number> {
  const paths = project.paths.run(run);
  let usd = (await runCalls(project, run)).calls.reduce((sum, call) => sum + spent(call), 0);
  for (const key of (await listFolders(paths.steps)).filter(isStepKey)) {
    const step = paths.step(key);
    for (const n of await iterationsOnDisk(step)) {
      const timing = await readRecord(step.iteration(n).timing, TimingSchema).catch(() => null);
      usd += spent(timing);
    }
  }
  return usd;
}
