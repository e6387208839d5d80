/**
 * Codes of the failures that people can meet. Each comes with one sentence: what happened and what to do.
 * `ui/messages.ts` maps a code to the button that helps. Stacks and causes go to the log, never into the sentence.
 */
export type ErrorCode =
  | 'LOCK_HELD'
  | 'LOCK_LOST'
  | 'LOCK_UNREADABLE'
  | 'LOCK_TOKEN_CHANGED'
  | 'NOT_A_REPOSITORY'
  | 'UNSAFE_REPOSITORY'
  | 'NO_COMMITS'
  | 'GIT_MISSING'
  | 'GIT_LOCKED'
  | 'GIT_FAILED'
  | 'RUN_NOT_FOUND'
  | 'INVALID_RUN_ID'
  | 'INVALID_ARGUMENT'
  | 'SPEC_UNREADABLE'
  | 'NO_PLAN'
  | 'NO_STEPS'
  | 'STEP_NOT_FOUND'
  | 'STEP_NOT_SELECTED'
  | 'STEP_NOT_PASSED'
  | 'ITERATION_NOT_FOUND'
  | 'ISSUE_NOT_FOUND'
  | 'NOTHING_TO_COMMIT'
  | 'NOT_AS_REVIEWED'
  | 'HOOK_FAILED'
  | 'NEEDS_PERSON'
  | 'UNTRUSTED'
  | 'DAMAGED_FILE'
  | 'CONFIG_INVALID'
  | 'OUTSIDE_REPOSITORY'
  | 'DISK_FULL'
  | 'NOT_WRITABLE'
  | 'PROGRAM_MISSING'
  | 'PROGRAM_FAILED'
  | 'PROGRAM_TIMEOUT'
  | 'WORKERS_ALIVE'
  | 'PLATFORM_UNSUPPORTED'
  | 'AGENT_FAILED'
  | 'VIOLATION'
  | 'GUARD_UNAVAILABLE'
  | 'AGENT_FILES_CHANGED'
  | 'CANCELLED'
  | 'INTERNAL';

export class WeldError extends Error {
  override readonly name: string = 'WeldError';
  constructor(
    readonly code: ErrorCode,
    /** One sentence for the person: what happened and what to do. */
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
  }
}

/**
 * True for errors of Node's file system and process functions, which have a `code` such as `ENOENT`. @param codes if
 * given, the code must be one of these
 */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 || codes.includes(error.code);
}

/** The first line of any thrown value's message, for logs and sentences. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
