import * as z from 'zod';
import { readBounded } from '../artifacts/bounded';
import { WeldError } from '../errors';
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

/** A recording. */
export const RecordingSchema = z.looseObject({ version: z.literal(1), answers: z.array(AnswerSchema) });
export type Recording = z.infer<typeof RecordingSchema>;

/** A larger file is no recording. In bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const WHY = {
  missing: 'it is not there',
  link: 'it is a link that leads nowhere',
  folder: 'it is no file, but a folder',
  special: 'it is no file',
  large: 'it is larger than 64 MB',
  denied: 'it may not be read',
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

/** The answer to one call, or undefined when the recording has none. */
export function findAnswer(
  recording: Recording,
  call: { readonly task: string; readonly step?: number | undefined; readonly attempt: number },
): RecordedAnswer | undefined {
  return recording.answers.find(
    (answer) => answer.task === call.task && answer.step === call.step && answer.attempt === call.attempt,
  );
}
