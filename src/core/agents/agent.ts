import type { Oid } from '../artifacts/schemas';
import type { AgentKind, Task } from '../config/providers';
import type { RunLock } from '../lock/runLock';
import type { Guest, GuestPrograms } from '../process/ports';
import { type ErrorCode, WeldError } from '../util/errors';

export interface AgentRequest {
  readonly task: Task;
  /** The step the task belongs to; absent for plan and research tasks. */
  readonly step?: number;
  /** Counts the calls of this task for this step, from 1. */
  readonly attempt: number;
  readonly prompt: string;
  /** The repository's top. */
  readonly cwd: string;
  /** The operation's lock. */
  readonly lock: RunLock;
  /** Starts the program under the guard. */
  readonly guest: GuestPrograms;
  readonly access: 'read-only' | 'edit';
  /** JSON Schema for the answer, for programs that support one. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** Wall-clock limit in ms; the loop's own budget may be shorter. */
  readonly timeoutMs: number;
  /** Maximum cost of the call in USD, for programs that support a limit. */
  readonly maxCostUsd?: number;
  /** The only commands that an editing agent may run: the configured checks, exactly as written. */
  readonly commands?: readonly string[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: AgentEvent) => void;
  /** The session to continue, for programs that can. */
  readonly sessionId?: string;
}

export type AgentEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool'; readonly name: string; readonly detail: string }
  | { readonly kind: 'retry'; readonly why: string; readonly waitMs: number }
  | { readonly kind: 'session'; readonly sessionId: string; readonly model?: string };

export const FAILURES = [
  'authentication',
  'rate_limit',
  'model',
  'billing',
  'network',
  'budget',
  'unreadable',
  'crash',
  'timeout',
  'missing',
  'cancelled',
  'needs_person',
  'no_answer',
] as const;

export type FailureKind = (typeof FAILURES)[number];

export interface AgentUsage {
  readonly sessionId?: string;
  /** All tokens, in and out. */
  readonly tokens?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  /** The model that answered, as the program names it. */
  readonly model?: string;
  readonly costUsd?: number;
  readonly durationMs: number;
  /** Actions that the program was denied, each in a few words. */
  readonly denials?: readonly string[];
  /** Path of the transcript that the program keeps of the session, if any. */
  readonly transcript?: string;
}

/** The outcome of a call. A failing program never throws: it becomes a failure with a message that says what helps. */
export type AgentResult =
  | {
      readonly ok: true;
      readonly text: string;
      /** When the program followed `outputSchema`. */
      readonly structured?: unknown;
      readonly usage: AgentUsage;
    }
  | {
      readonly ok: false;
      readonly failure: FailureKind;
      /** One sentence: what happened and what to do. */
      readonly message: string;
      /** For `rate_limit`: how long the service asks to wait, in ms. */
      readonly retryAfterMs?: number;
      readonly usage: AgentUsage;
    };

export interface Agent {
  readonly kind: AgentKind;
  /** The name for people: "Claude Code (opus)". */
  readonly label: string;
  run(request: AgentRequest): Promise<AgentResult>;
}

/** How the manual agent reaches the person. The editor implements it; `silent` commands have none. */
export interface HumanAgent {
  /** Shows the prompt and waits for the answer. @returns null when the person cancels */
  answer(request: AgentRequest): Promise<string | null>;
  /** Asks whether to allow what a condition of the gate found. @returns null when the person does not decide */
  allow?(
    question: Permission,
  ): Promise<{ readonly allowed: boolean /** Never empty when allowed. */; readonly reason: string } | null>;
  /** Shows files that would configure the next agent. @returns whether to continue with them unchanged */
  goOn?(question: FilesQuestion): Promise<boolean>;
}

/** A question whether to allow something. */
export interface Permission {
  readonly title: string;
  /** One sentence for each thing. */
  readonly details: readonly string[];
  readonly signal: AbortSignal;
}

/** Files that a person has to check before work continues. */
export interface FilesQuestion {
  /** One sentence. */
  readonly title: string;
  /** Relative to the repository's top, with forward slashes. */
  readonly files: readonly string[];
  /** Absolute path of the repository's top, and its tree when the step began. */
  readonly top: string;
  readonly base: Oid;
  readonly signal: AbortSignal;
}

/** How an agent failed: what recovery options are chosen from. */
export interface AgentFailure {
  readonly kind: FailureKind;
  readonly agent: AgentKind;
  /** How long the service asks to wait, in ms, if it says so. */
  readonly retryAfterMs?: number;
}

/** An agent's failure as an operation throws it, with the details needed to offer recovery options. */
export class AgentFailedError extends WeldError {
  override readonly name = 'AgentFailedError';
  constructor(
    code: ErrorCode,
    message: string,
    readonly failure: AgentFailure,
  ) {
    super(code, message);
  }
}

export function failureOf(agent: Pick<Agent, 'kind'>, result: Extract<AgentResult, { ok: false }>): AgentFailure {
  return {
    kind: result.failure,
    agent: agent.kind,
    ...(result.retryAfterMs !== undefined && { retryAfterMs: result.retryAfterMs }),
  };
}

/** An agent as the guard sees it. A recording runs inside this process, and a person is not guarded. */
export function guestOf(agent: Agent): Guest {
  return {
    kind: 'agent',
    name: agent.kind,
    label: agent.label,
    ...(agent.kind === 'manual' && { person: true }),
    ...(agent.kind === 'replay' && { inProcess: true }),
  };
}
