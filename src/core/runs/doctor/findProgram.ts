import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/**
 * Where a program is that a command names, found as the system would find it. Nothing is started.
 * @param cwd what a name with a slash is relative to @returns an absolute path, or null
 */
export async function findProgram(name: string, cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  if (name === '' || name.includes('\0')) return null;
  if (name.includes('/') || (process.platform === 'win32' && name.includes('\\'))) return firstProgram([path.resolve(cwd, name)]);
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return firstProgram(folders.map((folder) => path.resolve(cwd, folder, name)));
}

async function firstProgram(files: readonly string[]): Promise<string | null> {
  const endings = process.platform === 'win32' ? ['', ...(process.env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';')] : [''];
  for (const file of files.flatMap((each) => endings.map((ending) => each + ending))) {
    const stat = await fs.stat(file).catch(() => null);
    if (stat?.isFile() && (await fs.access(file, fs.constants.X_OK).then(() => true, () => false))) return file;
  }
  return null;
}
