import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, type AgentEvent, type AgentResult, failureOf } from '../agents/agent';
import { type Call, CallSchema } from '../artifacts/callSchemas';
import type { Timing } from '../artifacts/schemas';
import { checkCommands } from '../checks';
import type { Task } from '../config/providers';
import { assertAgentFiles, trustAgentFiles } from './agentFiles';
import { askAgent } from './askAgent';
import { type Answered, describeCall, spentWords, withCall } from './calls';
import { Stop } from './loopStop';
import { noteGuard } from './reviewBaseline';
import { alive, type Iteration, type Work } from './work';

export interface Question {
  readonly task: Task;
  readonly prompt: string;
  readonly access: 'read-only' | 'edit';
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

type Answer = Extract<AgentResult, { ok: true }>;

/** Maximum wall-clock time of one call, in ms; the time budget may shorten it. */
const CALL_LIMIT_MS = 2 * 60 * 60 * 1000;
/** Maximum wait that we choose ourselves, in ms; the service may ask for longer. */
const LONGEST_BACKOFF_MS = 10 * 60 * 1000;
/** Maximum number of waits for a rate limit before the call fails. */
const MOST_WAITS = 6;
/**
 * Maximum number of waits that follow the reported delay even when it is shorter than ours. The delay may come from the
 * agent program and not from the service.
 */
const TRUSTED_WAITS = 2;

/**
 * Asks the agent of a task and waits out rate limits. A call counts as an attempt only if the agent answered; the phase
 * that saves the answer also saves the count.
 * @throws Stop `agent_failed`, `budget`, or `cancelled` when the person cancelled
 */
export async function ask(it: Iteration, question: Question): Promise<Answer> {
  const { work } = it;
  assertBudget(work);
  for (let waits = 0, waitedMs = 0; ; waits++) {
    alive(work);
    const at = work.op.project.now().toISOString();
    const { agent, result } = await call(it, question);
    record(it, { task: question.task, agent, result, at, waitedMs });
    alive(work);
    if (result.ok) return result;
    if (it.violation !== null) throw new Stop('violation', it.violation);
    if (result.failure !== 'rate_limit' || waits >= MOST_WAITS) throw failed(agent, result);
    const waitMs = waitFor(work, waits, result.retryAfterMs);
    if (work.deadline !== undefined && work.op.project.now().getTime() + waitMs > work.deadline)
      throw new Stop(
        'budget',
        `The service asks to wait ${Math.ceil(waitMs / 1000)} s, longer than loop.max_minutes leaves; Continue ` +
          'picks up where it stopped.',
      );
    waitedMs = waitMs;
    await waitVisibly(waitMs, work.signal, (seconds) => {
      work.op.report({ message: `${work.title(it.n)}: rate limit, next try in ${seconds} s` });
    });
  }
}

/** @throws Stop `budget` when a limit on the cost is reached */
function assertBudget({ config: { loop }, costUsd, earlierUsd }: Work): void {
  const over = (name: 'max_cost_usd' | 'max_total_cost_usd', usd: number, then: string): void => {
    if (loop[name] === undefined || usd < loop[name]) return;
    throw new Stop('budget', `The agents have cost ${usd.toFixed(2)} USD, which is what loop.${name} allows; ${then}.`);
  };
  over('max_cost_usd', costUsd, 'Continue picks up where it stopped');
  over('max_total_cost_usd', earlierUsd + costUsd, 'raise it to go on with this run');
}

/** The part of the limits on the cost that is left, in USD; undefined without a limit. */
function budgetLeft({ config: { loop }, costUsd, earlierUsd }: Work): number | undefined {
  const left = Math.min(
    (loop.max_cost_usd ?? Infinity) - costUsd,
    (loop.max_total_cost_usd ?? Infinity) - earlierUsd - costUsd,
  );
  return left === Infinity ? undefined : left;
}

/**
 * @param told delay that the agent reported, in ms; 0 means none
 * @returns how long to wait, in ms
 */
function waitFor(work: Work, waits: number, told = 0): number {
  const own = Math.min(LONGEST_BACKOFF_MS, work.backoffMs * 2 ** waits);
  return told > 0 && waits < TRUSTED_WAITS ? told : Math.max(told, own);
}

async function call(
  it: Iteration,
  question: Question,
): Promise<{ readonly agent: Agent; readonly result: AgentResult }> {
  const { op, step, calls, signal } = it.work;
  const left = budgetLeft(it.work);
  const agent = await op.project.agent(question.task, op.person, it.work.config);
  if (agent.kind !== 'manual') await assertAgentFiles(it);
  op.project.log.info(`${it.work.title(it.n)}: ${question.task} by ${agent.label}`);
  const { result, report } = await askAgent(op, agent, {
    task: question.task,
    step: step.n,
    attempt: (calls.get(question.task) ?? 0) + 1,
    prompt: question.prompt,
    access: question.access,
    ...(question.access === 'edit' && { commands: checkCommands(it.work.config).map(({ command }) => command) }),
    ...(question.outputSchema && { outputSchema: question.outputSchema }),
    ...(left !== undefined && { maxCostUsd: left }),
    timeoutMs: CALL_LIMIT_MS,
    signal,
    instructionsOf: step.base,
    onEvent: (event) => {
      show(it, event);
    },
  });
  for (const sentence of report.violations) op.project.log.warn(sentence);
  noteGuard(it, report);
  if (agent.kind === 'manual') await trustAgentFiles(it);
  it.violation ??= report.violations.length === 0 ? null : report.violations.join(' ');
  return { agent, result };
}

function show(it: Iteration, event: AgentEvent): void {
  const message = it.work.title(it.n);
  switch (event.kind) {
    case 'text':
      it.work.op.report({ message: '', stream: event.text });
      break;
    case 'tool':
      it.work.op.report({
        message: `${message}: ${event.name} ${event.detail}`.slice(0, 120),
        stream: `\n[${event.name}] ${event.detail}\n`,
      });
      break;
    case 'retry':
      it.work.op.report({ message: `${message}: ${event.why}, next try in ${Math.ceil(event.waitMs / 1000)} s` });
      break;
    case 'session':
      it.work.op.project.log.info(`session ${event.sessionId}${event.model === undefined ? '' : ` (${event.model})`}`);
      break;
  }
}

/** Cost and tokens count even if the call failed; only an answer counts as an attempt. */
function record(it: Iteration, answered: Answered & { readonly task: Task }): void {
  const { task, result } = answered;
  const call = describeCall(answered, it.work.config);
  it.work.costUsd += call.cost_usd ?? 0;
  noteDenials(it, result.usage.denials ?? []);
  it.work.op.report({ message: '', stream: `\n[${spentWords(answered.agent.label, call, it.work)}]\n` });
  it.timing = { ...it.timing, ...spent(it.timing, result.usage, call) };
  if (!result.ok) return;
  it.work.calls.set(task, (it.work.calls.get(task) ?? 0) + 1);
  it.progress = { ...it.progress, calls: { ...it.progress.calls, [task]: (it.progress.calls[task] ?? 0) + 1 } };
}

function noteDenials({ n, work }: Iteration, denials: readonly string[]): void {
  const title = work.title(n);
  for (const denied of denials) {
    work.denials.add(denied);
    work.op.project.log.warn(`${title}: the agent was not allowed: ${denied}`);
    work.op.report({
      message: `${title}: not allowed: ${denied}`.slice(0, 120),
      stream: `\n[not allowed] ${denied}\n`,
    });
  }
}

/** The fields of `timing.json` that a call changes. */
function spent(before: Timing, usage: AgentResult['usage'], call: Call): Partial<Timing> {
  const { sessionId, transcript, denials, tokens } = usage;
  const review = call.task === 'implementation_review';
  return {
    calls: withCall(before.calls, call).map((each) => CallSchema.parse(each)),
    ...(sessionId !== undefined && { [review ? 'review_session_id' : 'session_id']: sessionId }),
    ...(transcript !== undefined && { [review ? 'review_transcript' : 'transcript']: transcript }),
    ...(denials && { denials: [...new Set([...(before.denials ?? []), ...denials])] }),
    ...(tokens !== undefined && { tokens: (before.tokens ?? 0) + tokens }),
    ...(typeof call.cost_usd === 'number' && { cost_usd: (before.cost_usd ?? 0) + call.cost_usd }),
  };
}

function failed(agent: Agent, result: Extract<AgentResult, { ok: false }>): Stop {
  if (result.failure === 'cancelled') return new Stop('cancelled', result.message);
  return new Stop(result.failure === 'budget' ? 'budget' : 'agent_failed', result.message, failureOf(agent, result));
}

/**
 * Waits `ms` and reports the remaining seconds once a second.
 * @throws when `signal` aborts
 */
export async function waitVisibly(ms: number, signal: AbortSignal, tell: (secondsLeft: number) => void): Promise<void> {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    tell(Math.ceil(left / 1000));
    await sleep(Math.min(left, 1000), undefined, { signal });
  }
}
