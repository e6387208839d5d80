import { setTimeout as sleep } from 'node:timers/promises';
import { reason } from '../errors';
import { applyEdits } from './edits';
import { findAnswer, readRecording } from './recording';
import type { Agent, AgentRequest, AgentResult, FailureKind } from './types';

/** Characters of one streamed piece: small enough that a watcher sees the answer grow. */
const PIECE = 400;

/**
 * Plays a recording: each call takes the answer of its task, step and attempt. The file is read at each call, so that
 * a corrected recording serves a resumed loop.
 * @param file absolute path of the recording
 */
export function replayAgent(file: string): Agent {
  return {
    kind: 'replay',
    label: `Replay (${file.split(/[/\\]/u).at(-1) ?? file})`,
    run: (request) => play(file, request),
  };
}

async function play(file: string, request: AgentRequest): Promise<AgentResult> {
  const began = performance.now();
  const usage = (): { readonly durationMs: number } => ({ durationMs: Math.round(performance.now() - began) });
  const fail = (failure: FailureKind, message: string): AgentResult => ({
    ok: false,
    failure,
    message,
    usage: usage(),
  });
  try {
    request.signal.throwIfAborted();
    const recording = await readRecording(file);
    const answer = findAnswer(recording, request);
    if (!answer) {
      const what =
        `${request.task}${request.step === undefined ? '' : `, step ${request.step}`}, attempt ` + `${request.attempt}`;
      return fail('no_answer', `The recording ${file} has no answer for ${what}; add one or choose another agent.`);
    }
    if (request.access === 'read-only' && answer.edits.length > 0)
      request.onEvent({ kind: 'tool', name: 'edit', detail: 'the recording edits files in a read-only task' });
    if (answer.delay_ms > 0) await sleep(answer.delay_ms, undefined, { signal: request.signal });
    await applyEdits(request.cwd, answer.edits, request.signal);
    for (const edit of answer.edits)
      request.onEvent({ kind: 'tool', name: edit.content === null ? 'delete' : 'write', detail: edit.path });
    for (let at = 0; at < answer.answer.length; at += PIECE) {
      request.signal.throwIfAborted();
      request.onEvent({ kind: 'text', text: answer.answer.slice(at, at + PIECE) });
    }
    return {
      ok: true,
      text: answer.answer,
      ...(answer.structured !== undefined && { structured: answer.structured }),
      usage: usage(),
    };
  } catch (error) {
    if (request.signal.aborted) return fail('cancelled', 'The recording was stopped.');
    return fail('crash', reason(error));
  }
}
