import * as z from 'zod';
import { readCapped } from './readCapped';

/** Hooks can write to it too. In bytes. */
const MOST = 16 * 1024 * 1024;

const EventSchema = z.object({
  event: z.string(),
  sid: z.string(),
  child_id: z.number().optional(),
  hook_name: z.string().optional(),
  code: z.number().optional(),
});

/** @param file what git wrote to GIT_TRACE2_EVENT. @returns the name of the last hook that failed, or null */
export async function failedHook(file: string): Promise<string | null> {
  return failedHookIn((await readCapped(file, MOST))?.toString('utf8') ?? '');
}

export function failedHookIn(text: string): string | null {
  const hooks = new Map<number, string>();
  let failed: string | null = null;
  for (const line of text.split('\n')) {
    const event = parse(line);
    // Git programs that a hook runs write to the same file, with our id before their own.
    if (!event || event.sid.includes('/') || event.child_id === undefined) continue;
    if (event.event === 'child_start' && event.hook_name !== undefined) hooks.set(event.child_id, event.hook_name);
    if (event.event === 'child_exit' && event.code !== 0) failed = hooks.get(event.child_id) ?? failed;
  }
  return failed;
}

function parse(line: string): z.infer<typeof EventSchema> | null {
  try {
    return EventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
