import { reason } from '../errors';
import type { Agent, AgentResult, FailureKind, Person } from './types';

/**
 * The person does the task: sees the prompt, edits the files, gives the answer. Without a person it fails as
 * `needs_person`.
 */
export function manualAgent(person: Person | undefined): Agent {
  return {
    kind: 'manual',
    label: 'Manual',
    async run(request): Promise<AgentResult> {
      const began = performance.now();
      const fail = (failure: FailureKind, message: string): AgentResult => ({
        ok: false,
        failure,
        message,
        usage: { durationMs: Math.round(performance.now() - began) },
      });
      if (!person)
        return fail(
          'needs_person',
          `The agent for "${request.task}" is a person; run the command from the editor, or choose another ` +
            'agent in .weld/config.toml.',
        );
      try {
        request.signal.throwIfAborted();
        const text = await person.answer(request);
        if (request.signal.aborted) return fail('cancelled', 'The task was cancelled.');
        if (text === null) return fail('cancelled', 'Cancelled. Continue at any time.');
        return { ok: true, text, usage: { durationMs: Math.round(performance.now() - began) } };
      } catch (error) {
        if (request.signal.aborted) return fail('cancelled', 'The task was cancelled.');
        return fail('crash', `The answer could not be taken (${reason(error)}); try again.`);
      }
    },
  };
}
