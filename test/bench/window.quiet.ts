import type { Editor } from '../support/editor';
import { processorSeconds, treeOf, watchesOf } from '../support/usage';

const LOOK_MS = 2000;
/** Processor seconds in two seconds. */
const QUIET_S = 0.15;
const LIMIT_MS = 120_000;

/** What the processes of a window have used and hold. */
export interface Usage {
  /** Processor seconds since they were started. */
  readonly seconds: number;
  readonly watches: number;
}

/** Of the server, the extension host, the watcher, and what they started; not of the browser. */
export function usageOf({ server }: Editor): Usage {
  const pids = treeOf(server.process.pid ?? 0);
  return { seconds: processorSeconds(pids), watches: watchesOf(pids) };
}

/** Waits until the window has done what it had to, for two minutes at most. @returns what it had used by then */
export async function untilQuiet(editor: Editor): Promise<Usage> {
  let last = usageOf(editor);
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; ) {
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
    const now = usageOf(editor);
    if (now.seconds - last.seconds < QUIET_S && now.watches === last.watches) return last;
    last = now;
  }
  return last;
}
