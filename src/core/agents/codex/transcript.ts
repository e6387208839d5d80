import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** Days whose folders are searched at most; a session that is older was not made by this call. */
const MOST_DAYS = 40;

export const codexHome = (env: Readonly<Record<string, string>>): string =>
  env['CODEX_HOME'] ?? path.join(env['HOME'] ?? os.homedir(), '.codex');

/** The file in which Codex keeps a session, if it is there: `sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`. */
export async function codexTranscript(
  env: Readonly<Record<string, string>>,
  sessionId: string,
): Promise<string | undefined> {
  let days = 0;
  const root = path.join(codexHome(env), 'sessions');
  for (const year of await newestFirst(root))
    for (const month of await newestFirst(path.join(root, year)))
      for (const day of await newestFirst(path.join(root, year, month))) {
        const folder = path.join(root, year, month, day);
        const found = (await fs.readdir(folder).catch(() => [])).find(
          (name) => name.startsWith('rollout-') && name.endsWith(`-${sessionId}.jsonl`),
        );
        if (found !== undefined) return path.join(folder, found);
        if (++days >= MOST_DAYS) return undefined;
      }
  return undefined;
}

async function newestFirst(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d+$/u.test(name))
    .sort()
    .reverse();
}
