import type { AgentResult, FailureKind, Task } from '../agents/types';
import { WeldError, type ErrorCode } from '../errors';
import type { Operation } from '../project';

export interface Question {
  readonly task: Task;
  readonly prompt: string;
  /** Counts the calls of this task in this run, from 1. */
  readonly attempt: number;
  /** As shown while the agent works, such as "plan review". */
  readonly what: string;
}

/** Planning and reviewing read a repository and think; none of it takes longer. In ms. */
const ANSWER_MS = 60 * 60 * 1000;

/**
 * Asks the agent that is configured for a task of a run; it may read the repository and change nothing.
 * @returns its answer @throws WeldError `AGENT_FAILED`, `NEEDS_PERSON`, `PROGRAM_MISSING`, `PROGRAM_TIMEOUT`, `CANCELLED`
 */
export async function ask(op: Operation, question: Question): Promise<string> {
  const agent = await op.project.agent(question.task, op.person);
  op.report({ message: `${question.what}: ${agent.label}` });
  const result = await agent.run({
    task: question.task,
    attempt: question.attempt,
    prompt: question.prompt,
    cwd: op.project.top,
    lock: op.lock,
    access: 'read-only',
    timeoutMs: ANSWER_MS,
    signal: op.signal,
    onEvent: (event) => {
      if (event.kind === 'text') op.report({ message: `${question.what}: ${agent.label}`, stream: event.text });
      else if (event.kind === 'tool') op.report({ message: `${question.what}: ${agent.label}`, stream: `${event.name} ${event.detail}\n` });
    },
  });
  op.lock.assertHeld(); // an answer that came after the loss belongs to nobody
  return answerOf(result, question.what);
}

const CODES: Partial<Record<FailureKind, ErrorCode>> = {
  cancelled: 'CANCELLED', needs_person: 'NEEDS_PERSON', missing: 'PROGRAM_MISSING', timeout: 'PROGRAM_TIMEOUT',
};

function answerOf(result: AgentResult, what: string): string {
  if (!result.ok) throw new WeldError(CODES[result.failure] ?? 'AGENT_FAILED', result.message);
  if (result.text.trim() === '') throw new WeldError('AGENT_FAILED', `The agent answered the ${what} with nothing; try again or choose another agent.`);
  return result.text;
}
