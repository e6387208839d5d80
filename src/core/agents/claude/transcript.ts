import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** The file in which Claude Code keeps a session, if it is there. */
export async function claudeTranscript(
  env: Readonly<Record<string, string>>,
  cwd: string,
  sessionId: string,
): Promise<string | undefined> {
  if (!/^[\w-]+$/u.test(sessionId)) return undefined; // it becomes part of a path
  const projects = path.join(env['CLAUDE_CONFIG_DIR'] ?? path.join(env['HOME'] ?? os.homedir(), '.claude'), 'projects');
  const name = `${sessionId}.jsonl`;
  const likely = path.join(projects, cwd.replace(/[^A-Za-z0-9]/gu, '-'), name);
  if (await isFile(likely)) return likely;
  // A long path is cut and a linked one resolved; the session's id is unique among all of them.
  for (const folder of await fs.readdir(projects).catch(() => [])) {
    const file = path.join(projects, folder, name);
    if (await isFile(file)) return file;
  }
  return undefined;
}

const isFile = async (file: string): Promise<boolean> =>
  (await fs.stat(file).catch(() => undefined))?.isFile() ?? false;
