import { reason } from '../errors';
import type { Logger } from '../logger';
import { RedactedStream, Redactor } from '../redact';
import type { ProgramRequest, ProgramResult } from './types';

export interface RedactedOutput {
  /** The same request, whose listener hears no secret. */
  readonly request: ProgramRequest;
  /** The same result without secrets; what was held back of the output is passed on first. */
  result(result: ProgramResult): ProgramResult;
}

/**
 * The one door through which the output of a program that runs the repository's code comes in: what it prints goes to
 * files, to prompts of other vendors and to the log.
 * @param env what the program was given; its secrets and this process's own are hidden by their values too
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
          log.error(`what follows a program's output failed: ${reason(error)}`, error);
        }
      return { ...result, stdout: redactor.cleanBytes(result.stdout), stderr: redactor.cleanBytes(result.stderr) };
    },
  };
}
