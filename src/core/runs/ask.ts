import { type AgentFiles, agentFilesAt, changedAgentFiles } from '../agents/configFiles';
import { AgentFailedError, failureOf } from '../agents/failed';
import { guestOf } from '../agents/guest';
import type { Agent, AgentResult, FailureKind, Task } from '../agents/types';
import { type ErrorCode, WeldError } from '../errors';
import { showName } from '../git/names';
import { runGuarded } from '../guard';
import { listed } from '../listed';
import type { Operation } from '../project';
import { instructionsFor } from '../steps/instructions';
import { differences, lookAt } from '../steps/underReview';

export interface Question {
  readonly task: Task;
  readonly prompt: string;
  /** Counts the calls of this task in this run, from 1. */
  readonly attempt: number;
  /** As shown while the agent works, such as "plan review". */
  readonly what: string;
}

/**
 * Finds out before the first write that only a person could do the task and that there is none. @throws WeldError
 * `NEEDS_PERSON`
 */
export async function needAgent(op: Operation, task: Task): Promise<Agent> {
  const agent = await op.project.agent(task, op.person);
  if (agent.kind === 'manual' && !op.person)
    throw new WeldError(
      'NEEDS_PERSON',
      `The agent for "${task}" is a person; import the answer from a file, or choose another agent in ` +
        '.weld/config.toml.',
    );
  return agent;
}

/** Planning and reviewing read a repository and think; none of it takes longer. In ms. */
const ANSWER_MS = 60 * 60 * 1000;

/**
 * Asks the agent that is configured for a task of a run; it may read the repository and change nothing.
 * @returns its answer @throws WeldError `AGENT_FAILED`, `VIOLATION`, `NEEDS_PERSON`, `PROGRAM_MISSING`,
 *   `PROGRAM_TIMEOUT`, `CANCELLED`
 */
export async function ask(op: Operation, question: Question): Promise<string> {
  const agent = await needAgent(op, question.task);
  op.report({ message: `${question.what}: ${agent.label}` });
  // Whoever reviews judges what is there; a person may well go on working meanwhile.
  const watched = agent.kind !== 'manual' && question.task.endsWith('_review');
  const before = watched ? await lookAt(op, null, op.signal) : null;
  const configured = agent.kind === 'manual' ? null : await agentFilesAt(op.project.top);
  const instructions =
    agent.kind === 'manual' || agent.kind === 'replay'
      ? ''
      : await instructionsFor(op.project, agent, await op.project.git.headTree());
  const { result, report } = await runGuarded(op, guestOf(agent), (guest) =>
    agent.run({
      task: question.task,
      attempt: question.attempt,
      prompt: question.prompt + instructions,
      cwd: op.project.top,
      lock: op.lock,
      guest,
      access: 'read-only',
      timeoutMs: ANSWER_MS,
      signal: op.signal,
      onEvent: (event) => {
        if (event.kind === 'text') op.report({ message: `${question.what}: ${agent.label}`, stream: event.text });
        else if (event.kind === 'tool')
          op.report({ message: `${question.what}: ${agent.label}`, stream: `${event.name} ${event.detail}\n` });
      },
    }),
  );
  op.lock.assertHeld(); // an answer that came after the loss belongs to nobody
  for (const sentence of report.warnings) op.project.log.warn(sentence);
  if (report.violations.length > 0) throw new WeldError('VIOLATION', report.violations.join(' '));
  const answer = answerOf(agent, result, question.what);
  const changed = before === null ? [] : await differences(op, before);
  if (changed.length > 0)
    throw new WeldError(
      'AGENT_FAILED',
      `Files changed while ${agent.label}, which may only read, was at work (${listed(changed, 3)}), so its ` +
        `${question.what} was not taken; look at them, ` +
        'then ask again.',
    );
  if (configured !== null) await assertAgentFiles(op, configured, `${agent.label} was at work on the ${question.what}`);
  return answer;
}

/**
 * What changed meanwhile would configure the next agent, which a person who is there may want. @throws WeldError
 * `AGENT_FILES_CHANGED` with the names
 */
async function assertAgentFiles(
  { project, person, signal }: Operation,
  before: AgentFiles,
  meanwhile: string,
): Promise<void> {
  const files = changedAgentFiles(before, await agentFilesAt(project.top));
  if (files.length === 0) return;
  const names = listed(files.map(showName));
  const question = {
    title: `The next agent would be configured by files that changed while ${meanwhile}: ${names}.`,
    files,
    top: project.top,
    base: await project.git.headTree(),
    signal,
  };
  if ((await person?.goOn?.(question)) ?? false) return;
  throw new WeldError(
    'AGENT_FILES_CHANGED',
    `Files that configure agents changed while ${meanwhile}, so its answer was not taken: ${names}; look at ` +
      'them, take back what nobody meant, then ask again.',
  );
}

const CODES: Partial<Record<FailureKind, ErrorCode>> = {
  cancelled: 'CANCELLED',
  needs_person: 'NEEDS_PERSON',
  missing: 'PROGRAM_MISSING',
  timeout: 'PROGRAM_TIMEOUT',
};

function answerOf(agent: Agent, result: AgentResult, what: string): string {
  if (!result.ok)
    throw new AgentFailedError(CODES[result.failure] ?? 'AGENT_FAILED', result.message, failureOf(agent, result));
  if (result.text.trim() === '')
    throw new WeldError(
      'AGENT_FAILED',
      `The agent answered the ${what} with nothing; try again or choose another agent.`,
    );
  return result.text;
}
