import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** Most of a script that is looked at, in bytes. */
const LOOKED_AT = 64 * 1024;

/** Git's words for a program that is there and cannot be started, and a shell's for a script that it cannot read. */
const NAMED = [
  /^(?:fatal|error): cannot (?:run|exec) '?(.+?)'?: No such file or directory$/mu,
  /^(.+?): (?:line )?\d+: syntax error\b/imu,
] as const;

/**
 * Why a hook could not run at all: git and shells do not say that its first line names what is not there, or that its
 * lines end as on Windows.
 * @param top what relative names are relative to @param output what git printed @returns null where that is not it
 */
export async function whyHookCannotRun(top: string, output: string): Promise<string | null> {
  const name = NAMED.map((pattern) => pattern.exec(output)?.[1]).find((found) => found !== undefined);
  const script = name === undefined ? null : await beginning(path.resolve(top, name));
  if (script === null) return null;
  if (script.includes('\r\n'))
    return 'its lines end with a carriage return, as on Windows; save the file with LF line ends';
  const program = /^#!\s*(\S+)/u.exec(script)?.[1];
  if (
    program === undefined ||
    (await fs.access(program).then(
      () => true,
      () => false,
    ))
  )
    return null;
  return `its first line names ${program.slice(0, 200)}, which is not installed; install it, or mend the line`;
}

async function beginning(file: string): Promise<string | null> {
  try {
    if (!(await fs.stat(file)).isFile()) return null;
    const handle = await fs.open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
