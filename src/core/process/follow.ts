import type { Readable } from 'node:stream';
import { RedactedStream, Redactor } from '../redact';
import { reason } from '../util/errors';
import type { Logger } from '../util/logger';
import type { Ended, ProgramRequest, ProgramResult } from './ports';
import type { Running } from './supervised';

const KEEP_BYTES = 10 * 1024 * 1024;
const GRACE_MS = 3_000;
/**
 * How long to wait for output after the end, in ms: an unrelated process that holds the pipe open must not block us.
 */
const DRAIN_MS = 1_000;

/**
 * Writes the input of a running program, keeps its output, and ends it on time limit, silence or abort. @returns the
 * result, once the whole process tree has ended
 */
export async function follow(
  running: Running,
  request: ProgramRequest,
  signals: readonly AbortSignal[],
  log: Logger,
): Promise<ProgramResult> {
  const begun = performance.now();
  let cause: Ended | undefined;
  const stop = (why: Ended): void => {
    cause ??= why;
    running.end(GRACE_MS);
  };
  const cancel = (): void => {
    stop({ how: 'cancelled' });
  };
  const limit = setTimeout(() => {
    stop({ how: 'timeout', afterMs: request.timeoutMs });
  }, request.timeoutMs);
  const { silenceMs } = request;
  const silence =
    silenceMs === undefined
      ? undefined
      : setTimeout(() => {
          stop({ how: 'silent', afterMs: silenceMs });
        }, silenceMs);
  for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
  if (signals.some((signal) => signal.aborted)) cancel();

  const kept = {
    stdout: new KeptOutput(request.keepBytes ?? KEEP_BYTES),
    stderr: new KeptOutput(request.keepBytes ?? KEEP_BYTES),
  };
  const onOutput = quietly(request.onOutput, log);
  const flows = (['stdout', 'stderr'] as const).map((name) =>
    collect(
      running[name],
      kept[name],
      onOutput &&
        ((text) => {
          onOutput(name, text);
        }),
      () => silence?.refresh(),
    ),
  );

  running.stdin?.on('error', () => undefined); // the program may ignore its input
  running.stdin?.end(request.input);

  const outcome = await running.exited;
  const ended: Ended = cause ?? outcome;
  clearTimeout(limit);
  clearTimeout(silence);
  const survivors = await running.gone;
  for (const signal of signals) signal.removeEventListener('abort', cancel);
  if (survivors.length > 0) log.warn(`${request.file}: processes ${survivors.join(', ')} could not be ended`);
  await Promise.all(flows.map((flow) => flow.drained(DRAIN_MS)));
  running.stdin?.destroy();
  return {
    ended,
    exitCode: ended.how === 'exited' ? ended.exitCode : -1,
    stdout: kept.stdout.bytes(),
    stderr: kept.stderr.bytes(),
    truncated: kept.stdout.truncated || kept.stderr.truncated,
    durationMs: performance.now() - begun,
  };
}

interface Flow {
  drained(withinMs: number): Promise<void>;
}

function collect(
  stream: Readable | null,
  kept: KeptOutput,
  onText: ((text: string) => void) | undefined,
  onSign: () => void,
): Flow {
  if (!stream) return { drained: () => Promise.resolve() };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    onSign();
    kept.add(chunk);
    onText?.(decoder.decode(chunk, { stream: true }));
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve).once('end', resolve);
  });
  return {
    async drained(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        closed,
        new Promise((resolve) => {
          timer = setTimeout(resolve, withinMs);
        }),
      ]);
      clearTimeout(timer);
      stream.destroy();
      const rest = decoder.decode();
      if (rest !== '') onText?.(rest);
    },
  };
}

/** A listener that throws must not lose the program's result. */
function quietly(listener: ProgramRequest['onOutput'], log: Logger): ProgramRequest['onOutput'] {
  return (
    listener &&
    ((stream, text) => {
      try {
        if (text !== '') listener(stream, text);
      } catch (error) {
        log.error(`the reader of a program's output failed: ${reason(error)}`, error);
      }
    })
  );
}

/** Keeps the first and the last part of a stream, so that memory stays bounded. */
export class KeptOutput {
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private tail: Buffer[] = [];
  private tailBytes = 0;
  private cutBytes = 0;

  /** @param limit maximum bytes kept, half from the beginning and half from the end */
  constructor(private readonly limit: number) {}

  add(chunk: Buffer): void {
    const room = Math.ceil(this.limit / 2) - this.headBytes;
    if (room > 0) {
      this.head.push(chunk.subarray(0, room));
      this.headBytes += Math.min(room, chunk.length);
    }
    const rest = room > 0 ? chunk.subarray(room) : chunk;
    if (rest.length === 0) return;
    this.tail.push(rest);
    this.tailBytes += rest.length;
    if (this.tailBytes > this.limit) this.trim();
  }

  get truncated(): boolean {
    this.trim();
    return this.cutBytes > 0;
  }

  bytes(): Buffer {
    this.trim();
    return Buffer.concat([...this.head, ...this.tail]);
  }

  /** Runs only when the tail is twice its size, so each byte is moved a bounded number of times. */
  private trim(): void {
    const excess = this.tailBytes - Math.floor(this.limit / 2);
    if (excess <= 0) return;
    this.tail = [Buffer.from(Buffer.concat(this.tail).subarray(excess))];
    this.tailBytes -= excess;
    this.cutBytes += excess;
  }
}

export interface RedactedOutput {
  /** The same request, but its listener gets no secrets. */
  readonly request: ProgramRequest;
  /** The same result without secrets; first passes on the output that was held back. */
  result(result: ProgramResult): ProgramResult;
}

/**
 * The only way in for output of programs that run the repository's code. It goes to files, to prompts for other vendors
 * and to the log.
 * @param env the program's environment; the values of its secrets and of this process's own are hidden too
 */
export function redactedOutput(
  request: ProgramRequest,
  env: Readonly<Record<string, string>>,
  log: Logger,
): RedactedOutput {
  const redactor = new Redactor({ ...process.env, ...env });
  const { onOutput } = request;
  const streams = onOutput && {
    stdout: new RedactedStream(redactor, (text) => {
      onOutput('stdout', text);
    }),
    stderr: new RedactedStream(redactor, (text) => {
      onOutput('stderr', text);
    }),
  };
  return {
    request: streams
      ? {
          ...request,
          onOutput: (stream, text) => {
            streams[stream].push(text);
          },
        }
      : request,
    result: (result) => {
      for (const stream of [streams?.stdout, streams?.stderr])
        try {
          stream?.flush();
        } catch (error) {
          log.error(`the reader of a program's output failed: ${reason(error)}`, error);
        }
      return { ...result, stdout: redactor.cleanBytes(result.stdout), stderr: redactor.cleanBytes(result.stderr) };
    },
  };
}
