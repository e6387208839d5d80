import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as z from 'zod';
import { reason, WeldError } from '../errors';
import { TASKS } from './types';

const EditSchema = z.looseObject({ path: z.string().min(1), content: z.string().nullable() });
export type Edit = z.infer<typeof EditSchema>;

const AnswerSchema = z.looseObject({
  task: z.enum(TASKS),
  step: z.number().int().optional(),
  attempt: z.number().int().positive().default(1),
  answer: z.string().default(''),
  /** What a program that follows an output schema would have given apart from its text. */
  structured: z.unknown().optional(),
  edits: z.array(EditSchema).default([]),
  delay_ms: z.number().nonnegative().default(0),
});
export type RecordedAnswer = z.infer<typeof AnswerSchema>;

/** A recording, as DESIGN section 5 describes it. */
export const RecordingSchema = z.looseObject({ version: z.literal(1), answers: z.array(AnswerSchema) });
export type Recording = z.infer<typeof RecordingSchema>;

/** @throws WeldError `CONFIG_INVALID` naming the file and its fault */
export async function readRecording(file: string): Promise<Recording> {
  const fault = (why: string, cause?: unknown): WeldError =>
    new WeldError('CONFIG_INVALID', `The recording ${file} ${why}; correct it, or name another one under [replay] in .weld/config.toml.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(await boundedText(file));
  } catch (error) {
    throw fault(error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${reason(error)})`, error);
  }
  const parsed = RecordingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw fault(`has a wrong "${first?.path.join('.') ?? ''}" (${first?.message ?? 'unknown'})`, parsed.error);
}

/** Most that is read of a recording, in bytes. */
const LONGEST = 64 * 1024 * 1024;

async function boundedText(file: string): Promise<string> {
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe that nobody writes to would never open
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > LONGEST) throw new Error(`it is larger than ${LONGEST / 1024 / 1024} MB`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** The answer to one call, or undefined when the recording has none. */
export function findAnswer(recording: Recording, call: { readonly task: string; readonly step?: number | undefined; readonly attempt: number }): RecordedAnswer | undefined {
  return recording.answers.find((answer) => answer.task === call.task && answer.step === call.step && answer.attempt === call.attempt);
}
