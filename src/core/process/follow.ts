import type { Readable } from 'node:stream';
import { reason } from '../errors';
import type { Logger } from '../logger';
import { KeptOutput } from './kept';
import type { Running } from './running';
import type { Ended, ProgramRequest, ProgramResult } from './types';

const KEEP_BYTES = 10 * 1024 * 1024;
const GRACE_MS = 3_000;
/** How long output may still arrive after the end, in ms: a stranger that holds the pipe open does not hold us. */
const DRAIN_MS = 1_000;

/**
 * Feeds a running program, keeps its output, ends it on time limit, silence or abort. @returns once nothing of it runs
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

  running.stdin?.on('error', () => undefined); // the program need not read what it is given
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
        log.error(`what follows a program's output failed: ${reason(error)}`, error);
      }
    })
  );
}
