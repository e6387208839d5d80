import { PROVIDERS, type Provider } from '../../config/providers';
import type { ProgramResult, Programs } from '../../process/ports';
import { RedactedStream, Redactor } from '../../redact';
import { type Logger, silentLogger } from '../../util/logger';
import type { AgentRequest, AgentResult, AgentUsage, FailureKind } from '../agent';
import { type Emit, JsonLines, oneLine, type Reader, type Sign, type Stopped } from './agentReader';
import { failureSentence, judge } from './trouble';

/** What an adapter depends on. */
export interface CliDeps {
  readonly programs: Programs;
  readonly log?: Logger;
  /** Source of the program's environment; default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Maximum time without progress, in ms; default: `CliCall.silenceMs`, else 5 minutes. */
  readonly silenceMs?: number;
}

/** One call of an agent program. */
export interface CliCall {
  readonly provider: Provider;
  readonly file: string;
  /** The model that the program is asked for; it may report another. */
  readonly model?: string | undefined;
  readonly args: readonly string[];
  /** The arguments as the log shows them. */
  readonly shownArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly reader: (emit: Emit) => Reader;
  /** Reads an answer that the program left outside its events. */
  readonly lastWords?: () => Promise<string | undefined>;
  readonly transcript: (sessionId: string) => Promise<string | undefined>;
  /** Maximum time without progress for this program, in ms, if it differs from the usual one. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 5 * 60_000;

/** Output kept, in bytes: events are read as they arrive, the rest explains a crash. */
const KEEP_BYTES = 64 * 1024;

/**
 * Runs an agent program under the supervisor, reads its events and judges the outcome. Throws only what the lock
 * throws.
 */
export async function runCli(deps: CliDeps, call: CliCall, request: AgentRequest): Promise<AgentResult> {
  const log = deps.log ?? silentLogger;
  const { label } = PROVIDERS[call.provider];
  const redactor = new Redactor(call.env);
  const emit = redacted(redactor, request.onEvent);
  const reader = call.reader(emit.event);
  const watchdog = new Watchdog(reader, deps.silenceMs ?? call.silenceMs ?? SILENCE_MS);
  const lines = new JsonLines((event) => {
    watchdog.saw(reader.take(event));
  });
  let result: ProgramResult;
  try {
    result = await request.guest.supervise({
      file: call.file,
      args: call.args,
      cwd: request.cwd,
      input: request.prompt,
      env: call.env,
      timeoutMs: request.timeoutMs,
      signal: AbortSignal.any([request.signal, watchdog.signal]),
      keepBytes: KEEP_BYTES,
      onOutput: (stream, text) => {
        if (stream === 'stdout') lines.push(text);
      },
      ...(call.shownArgs && { shownArgs: call.shownArgs }),
    });
  } finally {
    watchdog.dispose();
  }
  lines.end();
  reader.end();
  emit.end();

  const usage = await usageOf(call, reader, redactor, result.durationMs);
  const stderr = redactor.clean(tail(result.stderr));
  if (stderr !== '') log.trace(`${label}: ${stderr}`);
  if (lines.unreadable > 0) log.warn(`${label} printed ${lines.unreadable} lines that are not events`);
  const verdict = judge({
    ended: result.ended,
    report: reader.report,
    stopped: watchdog.stopped,
    unreadable: lines.unreadable,
    printed: result.stdout.length > 0,
    cancelled: request.signal.aborted || request.lock.signal.aborted,
    stderr: lastLine(stderr),
  });
  if (!verdict.ok) return failed(verdict.failure, verdict.words, verdict.retryAfterMs);

  const { structured } = verdict.answer;
  const text = verdict.answer.text || (await lastWords(call));
  if (request.access === 'read-only' && structured === undefined && text.trim() === '') return failed('no_answer', '');
  return {
    ok: true,
    text: redactor.clean(text),
    ...(structured !== undefined && { structured: redactor.cleanValue(structured) }),
    usage,
  };

  function failed(failure: FailureKind, words: string, retryAfterMs?: number): AgentResult {
    const message = failureSentence(failure, {
      provider: call.provider,
      words: redactor.clean(words),
      retryAfterMs,
      exec: call.file,
    });
    return { ok: false, failure, message, ...(retryAfterMs !== undefined && { retryAfterMs }), usage };
  }
}

/** The answer that the program left outside its events; empty when it cannot be read. */
const lastWords = async ({ lastWords: read }: CliCall): Promise<string> =>
  (await read?.().catch(() => undefined)) ?? '';

async function usageOf(call: CliCall, reader: Reader, redactor: Redactor, durationMs: number): Promise<AgentUsage> {
  const { sessionId, tokens, costUsd } = reader.report;
  const model = reader.report.model ?? call.model;
  const denials = (reader.report.denials ?? []).map((words) => redactor.clean(words));
  const transcript = sessionId === undefined ? undefined : await call.transcript(sessionId).catch(() => undefined);
  return {
    durationMs: Math.round(durationMs),
    ...(denials.length > 0 && { denials }),
    ...(sessionId !== undefined && { sessionId }),
    ...(tokens && { tokens: tokens.in + tokens.out, tokensIn: tokens.in, tokensOut: tokens.out }),
    ...(model !== undefined && { model: oneLine(model, 100) }),
    ...(costUsd !== undefined && { costUsd }),
    ...(transcript !== undefined && { transcript }),
  };
}

/** Passes events on without secrets. Text may be cut anywhere, so its end may be held back until more arrives. */
function redacted(redactor: Redactor, onEvent: Emit): { readonly event: Emit; readonly end: () => void } {
  const stream = new RedactedStream(redactor, (text) => {
    onEvent({ kind: 'text', text });
  });
  return {
    event: (event) => {
      if (event.kind === 'text') {
        stream.push(event.text);
        return;
      }
      stream.flush();
      switch (event.kind) {
        case 'tool':
          onEvent({ kind: 'tool', name: oneLine(event.name, 60), detail: oneLine(redactor.clean(event.detail)) });
          break;
        case 'retry':
          onEvent({ ...event, why: oneLine(redactor.clean(event.why)) });
          break;
        case 'session':
          onEvent(event);
          break;
      }
    },
    end: () => {
      stream.flush();
    },
  };
}

const tail = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes.subarray(Math.max(0, bytes.length - 4096))).trim();

const lastLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1) ?? '';

/** A tool, such as a long test run, may be silent this many times longer than the model. */
const BUSY_FACTOR = 6;

/** How long a program may take to exit after its answer, in ms. */
const AFTER_ANSWER_MS = 10_000;

/** Ends a program that makes no progress. Checks after each event, with a single timer. */
export class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private lastProgress = performance.now();
  private answeredAt: number | undefined;
  /** Why the watchdog ended the program, if it did. */
  stopped: Stopped | undefined;

  /** @param silenceMs maximum time without progress; a retry after an error is no progress */
  constructor(
    private readonly reader: Reader,
    private readonly silenceMs: number,
    private readonly afterAnswerMs = AFTER_ANSWER_MS,
  ) {
    this.arm();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  saw(sign: Sign): void {
    if (sign === 'nothing') return;
    if (this.reader.hopeless) {
      this.stop('hopeless');
      return;
    }
    if (sign === 'progress') this.lastProgress = performance.now();
    if (this.reader.report.answer) this.answeredAt ??= performance.now();
    this.arm();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const left = this.deadline() - performance.now();
    // A timer cannot exceed 2^31 - 1 ms; one that fires early is set again.
    this.timer = setTimeout(
      () => {
        this.look();
      },
      Math.min(Math.max(left, 0), 2 ** 31 - 1),
    );
  }

  private look(): void {
    if (this.deadline() > performance.now()) this.arm();
    else this.stop(this.answeredAt === undefined ? 'silent' : 'answered');
  }

  private deadline(): number {
    if (this.answeredAt !== undefined) return this.answeredAt + this.afterAnswerMs;
    return this.lastProgress + this.reader.waitMs + this.silenceMs * (this.reader.busy ? BUSY_FACTOR : 1);
  }

  private stop(why: Stopped): void {
    clearTimeout(this.timer);
    this.stopped ??= why;
    this.controller.abort();
  }
}
