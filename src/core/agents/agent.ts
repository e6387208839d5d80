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
  /** What starts an agent's program: the guard stands around it. */
  readonly guest: GuestPrograms;
  readonly access: 'read-only' | 'edit';
  /** JSON Schema that the answer has to follow, where the program can be told. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** Wall-clock limit in ms; the loop's own budget may be shorter. */
  readonly timeoutMs: number;
  /** What the call may cost at most, for programs that can be told. */
  readonly maxCostUsd?: number;
  /** Commands that an agent which edits may run: the configured checks as they are written, and no others. */
  readonly commands?: readonly string[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: AgentEvent) => void;
  /** Continue this session where the program can. */
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
  readonly tokens?: number;
  readonly costUsd?: number;
  readonly durationMs: number;
  /** What the program wanted to do and was not allowed, each in a few words. */
  readonly denials?: readonly string[];
  /** Path of the program's own transcript of the session, when it keeps one. */
  readonly transcript?: string;
}

/** An agent never throws for what the program does: it answers, or it says how it failed and what helps. */
export type AgentResult =
  | {
      readonly ok: true;
      readonly text: string /** When the program followed `outputSchema`. */;
      readonly structured?: unknown;
      readonly usage: AgentUsage;
    }
  | {
      readonly ok: false;
      readonly failure: FailureKind;
      /** One sentence: what happened and what to do. */
      readonly message: string;
      /** For `rate_limit`: how long the service said to wait, in ms. */
      readonly retryAfterMs?: number;
      readonly usage: AgentUsage;
    };

export interface Agent {
  readonly kind: AgentKind;
  /** As shown to people: "Claude Code (opus)". */
  readonly label: string;
  run(request: AgentRequest): Promise<AgentResult>;
}

/** How the manual agent reaches the person; the editor implements it, `silent` commands have none. */
export interface Person {
  /** Shows the prompt, waits for the answer. @returns null when the person gives up */
  answer(request: AgentRequest): Promise<string | null>;
  /** Asks whether what a condition of the gate found may stay. @returns null when the person says neither yes nor no */
  allow?(
    question: Permission,
  ): Promise<{ readonly allowed: boolean /** Never empty where it is allowed. */; readonly reason: string } | null>;
  /** Shows files that would configure the next agent. @returns whether to go on with them as they are */
  goOn?(question: FilesQuestion): Promise<boolean>;
}

/** What a person is asked to let through. */
export interface Permission {
  readonly title: string;
  /** One sentence for each thing. */
  readonly details: readonly string[];
  readonly signal: AbortSignal;
}

/** Files that somebody has to look at before work goes on. */
export interface FilesQuestion {
  /** One sentence. */
  readonly title: string;
  /** Relative to the repository's top, with forward slashes. */
  readonly files: readonly string[];
  /** Absolute path of the repository's top, and the tree of it that the step began with. */
  readonly top: string;
  readonly base: string;
  readonly signal: AbortSignal;
}

/** How an agent failed, for whoever offers what helps. */
export interface AgentFailure {
  readonly kind: FailureKind;
  readonly agent: AgentKind;
  /** How long the service said to wait, in ms, where it did. */
  readonly retryAfterMs?: number;
}

/** An agent's failure as an operation throws it: the sentence, and what it takes to offer the next thing to do. */
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

/** An agent as the guard sees it. A recording is played inside this process, and a person is no guest. */
export function guestOf(agent: Agent): Guest {
  return {
    kind: 'agent',
    name: agent.kind,
    label: agent.label,
    ...(agent.kind === 'manual' && { person: true }),
    ...(agent.kind === 'replay' && { inProcess: true }),
  };
}
