import { removeFile, writeText } from '../artifacts/store';
import type { Operation } from '../project';
import { resolveStep } from './resolve';
import type { StepRequest } from './types';

/** Marks a step as not to be done, with the reason, or takes that back. Its iterations stay. */
export async function skipStep(
  op: Operation,
  request: StepRequest & { readonly reason?: string | undefined; readonly undo?: boolean | undefined },
): Promise<void> {
  const step = await resolveStep(op.project, request.run, request.step);
  if (request.undo) await removeFile(op.lock, step.paths.skipped);
  else
    await writeText(
      op.lock,
      step.paths.skipped,
      `${op.project.now().toISOString()}\n${request.reason?.trim() ?? ''}\n`,
    );
}
