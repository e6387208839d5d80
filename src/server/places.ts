import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { minimatch } from 'minimatch';
import { isRunId, type RunId } from '../core/artifacts/ids';
import { WeldPaths } from '../core/artifacts/paths';

/** What a document is to the server: a plan, text of a run with references only, or the settings. */
export type DocumentKind = 'plan' | 'prose' | 'config';

export interface Place {
  readonly kind: DocumentKind;
  /** Absolute path. */
  readonly file: string;
  readonly paths: WeldPaths;
  /** Absent for a plan outside of `.weld`. */
  readonly run?: RunId;
}

/** @returns null for a document that is none of the server's */
export function placeOf(uri: string, planPatterns: readonly string[]): Place | null {
  const file = toPath(uri);
  if (file === null) return null;
  const top = topAbove(file);
  if (top !== null) return insideWeld(file, new WeldPaths(top));
  const slashes = file.split(path.sep).join('/');
  if (
    !planPatterns.some((pattern) =>
      minimatch(slashes, pattern.startsWith('/') ? pattern : `**/${pattern}`, { dot: true }),
    )
  )
    return null;
  return { kind: 'plan', file, paths: new WeldPaths(topOf(file)) };
}

/** @returns the folder whose `.weld` a file stands in, else null */
export function topAbove(file: string): string | null {
  const at = file.lastIndexOf(`${path.sep}${WeldPaths.folderName}${path.sep}`);
  return at >= 0 ? file.slice(0, at) : null;
}

/** Whether a file is the lock's own: a heartbeat writes there every few seconds, and nothing else depends on it. */
export function belongsToLock(file: string): boolean {
  const top = topAbove(file);
  if (top === null) return false;
  const { activeLock, lockDir } = new WeldPaths(top);
  return file.startsWith(activeLock) || file === lockDir || file.startsWith(lockDir + path.sep);
}

export function toPath(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : null;
  } catch {
    return null;
  }
}

function insideWeld(file: string, paths: WeldPaths): Place | null {
  if (file === paths.config) return { kind: 'config', file, paths };
  if (!file.endsWith('.md')) return null;
  const run = path.relative(paths.runs, file).split(path.sep)[0] ?? '';
  if (!isRunId(run)) return null;
  const own = paths.run(run);
  const folder = path.dirname(file);
  // Prompts and the reviewer's words quote plans and speak of them; they are none.
  if (folder === own.plan && ![own.planPrompt, own.reviewPrompt, own.reviewOutput].includes(file))
    return { kind: 'plan', file, paths, run };
  return { kind: 'prose', file, paths, run };
}

/** The nearest folder above with a repository, else the file's own. */
function topOf(file: string): string {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, '.git'))) return folder;
    if (path.dirname(folder) === folder) return path.dirname(file);
  }
}
