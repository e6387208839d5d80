import { constants, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { readBounded } from '../artifacts/bounded';
import { TASKS } from '../config/providers';
import { reason, WeldError } from '../util/errors';
import { lstat } from '../util/files';
import type { Agent, AgentRequest, AgentResult, AgentUsage, FailureKind } from './agent';

/** Length of a streamed piece, in characters: small enough for a viewer to see the answer grow. */
const PIECE = 400;

/**
 * Plays a recording: each call gets the answer for its task, step and attempt. Each call reads the file anew, so that a
 * resumed loop uses a corrected recording.
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
  const usage = (): AgentUsage => ({ durationMs: Math.round(performance.now() - began) });
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
      usage: { ...usage(), ...recordedUsage(answer) },
    };
  } catch (error) {
    if (request.signal.aborted) return fail('cancelled', 'The recording was stopped.');
    return fail('crash', reason(error));
  }
}

/** What the recorded call used. */
function recordedUsage({ usage }: RecordedAnswer): Partial<AgentUsage> {
  if (!usage) return {};
  const { model, tokens_in: tokensIn, tokens_out: tokensOut, cost_usd: costUsd } = usage;
  return {
    ...(model !== undefined && { model }),
    ...(tokensIn !== undefined && { tokensIn }),
    ...(tokensOut !== undefined && { tokensOut }),
    ...((tokensIn !== undefined || tokensOut !== undefined) && { tokens: (tokensIn ?? 0) + (tokensOut ?? 0) }),
    ...(costUsd !== undefined && { costUsd }),
  };
}

const EditSchema = z.looseObject({ path: z.string().min(1), content: z.string().nullable() });
export type Edit = z.infer<typeof EditSchema>;

const AnswerSchema = z.looseObject({
  task: z.enum(TASKS),
  step: z.number().int().optional(),
  attempt: z.number().int().positive().default(1),
  answer: z.string().default(''),
  /** The answer according to an output schema, apart from the text. */
  structured: z.unknown().optional(),
  edits: z.array(EditSchema).default([]),
  delay_ms: z.number().nonnegative().default(0),
  usage: z
    .looseObject({
      model: z.string().optional(),
      tokens_in: z.number().nonnegative().optional(),
      tokens_out: z.number().nonnegative().optional(),
      cost_usd: z.number().nonnegative().optional(),
    })
    .optional(),
});
export type RecordedAnswer = z.infer<typeof AnswerSchema>;

export const RecordingSchema = z.looseObject({ version: z.literal(1), answers: z.array(AnswerSchema) });
export type Recording = z.infer<typeof RecordingSchema>;

/** Maximum size of a recording, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const WHY = {
  missing: 'it does not exist',
  link: 'it is a link that leads nowhere',
  folder: 'it is a folder, not a file',
  special: 'it is no file',
  large: 'it is larger than 64 MB',
  denied: 'permission denied',
} as const;

/** @throws WeldError `CONFIG_INVALID` naming the file and its fault */
export async function readRecording(file: string): Promise<Recording> {
  const fault = (why: string, cause?: unknown): WeldError =>
    new WeldError(
      'CONFIG_INVALID',
      `The recording ${file} ${why}; correct it, or name another one under [replay] in .weld/config.toml.`,
      { cause },
    );
  const found = await readBounded(file, { most: MOST_BYTES, follow: true });
  if (found.how !== 'read')
    throw fault(
      `cannot be read (${found.how === 'failed' ? found.why : WHY[found.how]})`,
      found.how === 'failed' ? found.cause : undefined,
    );
  let value: unknown;
  try {
    value = JSON.parse(found.bytes.toString('utf8'));
  } catch (error) {
    throw fault('is not valid JSON', error);
  }
  const parsed = RecordingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw fault(`has a wrong "${first?.path.join('.') ?? ''}" (${first?.message ?? 'unknown'})`, parsed.error);
}

/** The answer to one call, or undefined if the recording has none. */
export function findAnswer(
  recording: Recording,
  call: { readonly task: string; readonly step?: number | undefined; readonly attempt: number },
): RecordedAnswer | undefined {
  return recording.answers.find(
    (answer) => answer.task === call.task && answer.step === call.step && answer.attempt === call.attempt,
  );
}

/** Folders that no recorded edit may enter, at any depth: the `.git` of a nested repository runs programs too. */
const FORBIDDEN = /^(?:\.git|\.weld|git~\d+|weld~\d+)$/u;

/**
 * A name as the most lenient file system reads it: without letter case, invisible characters, dots and spaces at the
 * end, or the NTFS stream after a colon.
 */
const asTaken = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/:[^]*/u, '')
    .replace(/(?<![. ])[. ]+$/u, '');

/**
 * Applies recorded edits inside the repository. Checks all paths before it changes the first file.
 * @throws WeldError `OUTSIDE_REPOSITORY` for a path that leaves the repository, enters `.git` or `.weld`, or passes a
 *   symbolic link
 */
export async function applyEdits(top: string, edits: readonly Edit[], signal: AbortSignal): Promise<void> {
  const targets: { readonly file: string; readonly content: string | null }[] = [];
  for (const edit of edits)
    targets.push({ file: await insideRepository(top, edit.path, edit.content === null), content: edit.content });
  for (const [index, target] of targets.entries()) {
    signal.throwIfAborted();
    // Checked again: an earlier edit of the same recording may have changed the path.
    const file = await insideRepository(top, edits[index]?.path ?? '', target.content === null);
    if (target.content === null) {
      await fs.rm(file, { force: true, recursive: true });
    } else {
      await fs.mkdir(path.dirname(file), { recursive: true });
      await insideRepository(top, edits[index]?.path ?? '');
      await write(file, target.content);
    }
  }
}

/** @returns the absolute path of a relative one with forward slashes */
async function insideRepository(top: string, relative: string, deletes = false): Promise<string> {
  const refuse = (why: string): WeldError =>
    new WeldError(
      'OUTSIDE_REPOSITORY',
      `The recording edits "${relative.slice(0, 120)}", which ${why}; nothing of that answer was applied.`,
    );
  const segments = relative.split(/[/\\]+/u).filter((segment) => segment !== '' && segment !== '.');
  const fault = pathFault(relative, segments);
  if (fault !== null) throw refuse(fault);
  let at = top;
  for (const segment of segments) {
    at = path.join(at, segment);
    const stat = await lstat(at);
    const found = stat && entryFault(stat);
    if (found !== null) throw refuse(found);
  }
  if (deletes && (await lstat(path.join(at, '.git'))) !== null) throw refuse('is a repository of its own');
  return at;
}

/** Why a path as written must not be edited; null when it may. */
function pathFault(relative: string, segments: readonly string[]): string | null {
  if (relative.includes('\0') || path.isAbsolute(relative) || path.win32.isAbsolute(relative))
    return 'is not a path inside the repository';
  if (segments.length === 0 || segments.includes('..')) return 'leaves the repository';
  return segments.some((segment) => FORBIDDEN.test(asTaken(segment))) ? 'belongs to git or to Weld' : null;
}

/** Why an edit must not touch or pass an entry on disk; null when it may. */
function entryFault(stat: Stats): string | null {
  if (stat.isSymbolicLink()) return 'passes through a symbolic link';
  if (!stat.isFile() && !stat.isDirectory()) return 'is a pipe, a socket or a device, not a file or folder';
  if (stat.isFile() && stat.nlink > 1) return 'has a second name (a hard link), which may stand outside the repository';
  return null;
}

/** Writes to a regular file without hard links; refuses anything else that took its place since the check. */
async function write(file: string, content: string): Promise<void> {
  const handle = await fs.open(
    file,
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    0o666,
  );
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.nlink > 1)
      throw new WeldError(
        'OUTSIDE_REPOSITORY',
        `${file} was replaced while the recording was played; nothing was written to it, try again.`,
      );
    await handle.truncate(0);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}
