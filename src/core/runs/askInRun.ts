import * as path from 'node:path';
import { type Agent, AgentFailedError, type AgentResult, type FailureKind, failureOf } from '../agents/agent';
import { type AgentFiles, agentFilesAt, changedAgentFiles } from '../agents/configFiles';
import { readBounded, type Unread } from '../artifacts/bounded';
import type { RunId } from '../artifacts/runIds';
import type { Task } from '../config/providers';
import type { Config } from '../config/schema';
import { showName } from '../git/names';
import type { Operation } from '../project';
import { personAccepts } from '../steps/agentFiles';
import { askAgent, needAgent } from '../steps/askAgent';
import { costOfRun, describeCall, noteRunCall } from '../steps/calls';
import { captureBaseline, differences } from '../steps/reviewBaseline';
import { type ErrorCode, WeldError } from '../util/errors';
import { listed } from '../util/text';

/** A request to the agent that is configured for a run's task. */
export interface RunQuestion {
  readonly run: RunId;
  readonly task: Task;
  readonly prompt: string;
  /** The number of this call of the task in this run, counted from 1. */
  readonly attempt: number;
  /** A name for the work, shown while the agent works, such as "plan review". */
  readonly what: string;
}

/** The alternative to suggest if the task is assigned to a person but none can be asked. */
export const INSTEAD = 'import the answer from a file';

/** Time limit for one answer, in ms. It is long because planning and reviewing need much reading and thinking. */
const ANSWER_MS = 60 * 60 * 1000;

/**
 * Asks the agent that is configured for a task of a run. The agent may read the repository but not change it.
 * @returns the agent's answer
 * @throws WeldError `AGENT_FAILED`, `VIOLATION`, `NEEDS_PERSON`, `PROGRAM_MISSING`, `PROGRAM_TIMEOUT`, `CANCELLED`,
 *   `AGENT_FILES_CHANGED`
 */
export async function askInRun(op: Operation, { run, what, ...question }: RunQuestion): Promise<string> {
  const { config } = await op.project.config();
  await assertTotal(op, run, config);
  const agent = await needAgent(op, question.task, INSTEAD, config);
  const at = op.project.now().toISOString();
  const message = `${what}: ${agent.label}`;
  op.report({ message });
  // A person may keep editing the files during a review; a reviewing program may not change them.
  const program = agent.kind !== 'manual';
  const before = program && question.task.endsWith('_review') ? await captureBaseline(op, null, op.signal) : null;
  const configured = program ? await agentFilesAt(op.project.top) : null;
  const { result, report } = await askAgent(op, agent, {
    ...question,
    access: 'read-only',
    timeoutMs: ANSWER_MS,
    signal: op.signal,
    instructionsOf: null,
    onEvent: (event) => {
      if (event.kind === 'text') op.report({ message, stream: event.text });
      else if (event.kind === 'tool') op.report({ message, stream: `${event.name} ${event.detail}\n` });
    },
  });
  await noteRunCall(op, run, describeCall({ task: question.task, agent, result, at }, config));
  op.lock.assertHeld(); // discards an answer that arrived after the lock was lost
  if (report.violations.length > 0) throw new WeldError('VIOLATION', report.violations.join(' '));
  const answer = answerOf(agent, result, what);
  const changed = before === null ? [] : await differences(op, before);
  if (changed.length > 0)
    throw new WeldError(
      'AGENT_FAILED',
      `Files changed while ${agent.label}, which may only read, was at work (${listed(changed, 3)}), so its ` +
        `${what} was not used; check them, then try again.`,
    );
  if (configured !== null) await assertAgentFiles(op, configured, `${agent.label} was at work on the ${what}`);
  return answer;
}

/** @throws WeldError `AGENT_FAILED` when the run has cost what its limit allows */
async function assertTotal(op: Operation, run: RunId, { loop: { max_total_cost_usd: most } }: Config): Promise<void> {
  if (most === undefined) return;
  const usd = await costOfRun(op.project, run);
  if (usd < most) return;
  throw new WeldError(
    'AGENT_FAILED',
    `The agents have cost ${usd.toFixed(2)} USD, which is what loop.max_total_cost_usd allows; raise it to go on ` +
      'with this run.',
  );
}

/** @throws WeldError `AGENT_FILES_CHANGED` if files that configure agents changed and no person accepts the changes */
async function assertAgentFiles(op: Operation, before: AgentFiles, meanwhile: string): Promise<void> {
  const { project, signal } = op;
  const files = changedAgentFiles(before, await agentFilesAt(project.top));
  if (files.length === 0 || (await personAccepts(op, files, meanwhile, await project.git.headTree(), signal))) return;
  throw new WeldError(
    'AGENT_FILES_CHANGED',
    `Files that configure agents changed while ${meanwhile}, so its answer was not used: ` +
      `${listed(files.map(showName))}; check them, undo unintended changes, then try again.`,
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
      `The agent gave an empty answer to the ${what}; try again or choose another agent.`,
    );
  return result.text;
}

/** Maximum size of an imported answer, in bytes. No agent writes a longer one. */
const MOST_BYTES = 20 * 1024 * 1024;

/**
 * Reads an agent's answer from a file that the person chose, and returns it unchanged.
 * @param file absolute, or relative to the repository's top
 * @throws WeldError `INVALID_ARGUMENT` with the file's path and the reason
 */
export async function readAnswerFile(top: string, file: string): Promise<string> {
  const absolute = path.resolve(top, file);
  const refuse = (why: string, cause?: unknown): WeldError =>
    new WeldError('INVALID_ARGUMENT', `${absolute} ${why}; choose a Markdown or text file.`, { cause });
  const found = await readBounded(absolute, { most: MOST_BYTES, follow: true });
  if (found.how !== 'read') throw refuse(fault(found), found.how === 'failed' ? found.cause : undefined);
  const { bytes } = found;
  if (bytes.subarray(0, 8000).includes(0)) throw refuse('is binary');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); // keeps a byte-order mark
  } catch (error) {
    throw refuse('is not UTF-8 text', error);
  }
}

function fault(found: Unread): string {
  switch (found.how) {
    case 'missing':
      return 'does not exist';
    case 'link':
      return 'is a link that leads nowhere';
    case 'folder':
    case 'special':
      return 'is not a file';
    case 'large':
      return `is ${Math.round(found.size / 1e6)} MB long`;
    case 'denied':
      return 'cannot be read: permission denied';
    case 'failed':
      return `cannot be read (${found.why})`;
  }
}
