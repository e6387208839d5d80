import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { minimatch } from 'minimatch';
import { isInside } from '../core/artifacts/inside';
import { WeldPaths } from '../core/artifacts/paths';
import { isRunId, type RunId } from '../core/artifacts/runIds';
import { resolveProgram } from '../core/process/resolve';
import { isPresent } from '../core/util/files';

/** How long a cached answer counts: typing repeats the same questions. In ms. */
const FRESH_MS = 3_000;

interface Answer<T> {
  readonly at: number;
  /** Value of the counter `forgotten` when the disk was asked. */
  readonly forgotten: number;
  readonly value: T;
}

/** A short-lived cache of what exists on disk. Answers known questions at once and asks the disk for the rest. */
export class Disk {
  private readonly answers = new Map<string, Answer<boolean>>();
  private readonly asked = new Map<string, Promise<boolean>>();
  private forgotten = 0;

  /** @param changed called when an answer differs from the last one given */
  constructor(
    private readonly changed: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Whether a path exists. A path outside `top` counts as existing: it is outside the repository.
   * @returns a promise only when nothing is cached
   */
  pathExists(top: string, relative: string): Promise<boolean> | boolean {
    const file = path.resolve(top, relative);
    if (file !== top && !isInside(top, file)) return true;
    return this.ask(`p:${file}`, () => isPresent(file));
  }

  /** Whether a program is installed or on the PATH. @returns a promise only when nothing is cached */
  programExists(top: string, name: string): Promise<boolean> | boolean {
    return this.ask(`x:${top}:${name}`, () =>
      Promise.resolve(resolveProgram(name, top, process.env, { inRepository: true }) !== null),
    );
  }

  /** Marks all answers as old. Each still counts until the disk has answered again. */
  forget(): void {
    this.forgotten++;
    // Pending questions may have read the disk before the change.
    this.asked.clear();
  }

  private ask(key: string, look: () => Promise<boolean>): Promise<boolean> | boolean {
    const known = this.answers.get(key);
    if (known?.forgotten === this.forgotten && this.now() - known.at < FRESH_MS) return known.value;
    const open = this.asked.get(key) ?? this.start(key, look);
    // An old answer beats a pause at every keystroke; when the new one differs, `changed` starts another check.
    return known?.value ?? open;
  }

  private start(key: string, look: () => Promise<boolean>): Promise<boolean> {
    const { forgotten } = this;
    const asked = look()
      .then((value) => {
        const before = this.answers.get(key);
        if (before !== undefined && before.forgotten > forgotten) return before.value;
        if (this.answers.size > 20_000) this.answers.clear();
        this.answers.set(key, { at: this.now(), forgotten, value });
        if (before !== undefined && before.value !== value) this.changed();
        return value;
      })
      .finally(() => {
        if (this.asked.get(key) === asked) this.asked.delete(key);
      });
    this.asked.set(key, asked);
    return asked;
  }
}

/** Kind of a document: a plan, other text of a run, which gets links only, or the settings. */
export type DocumentKind = 'plan' | 'prose' | 'config';

export interface Place {
  readonly kind: DocumentKind;
  /** Absolute path. */
  readonly file: string;
  readonly paths: WeldPaths;
  /** Absent for a plan outside of `.weld`. */
  readonly run?: RunId;
}

/** Classifies a document. @returns null when the server does not handle it */
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

/** @returns the folder whose `.weld` contains the file, else null */
export function topAbove(file: string): string | null {
  const at = file.lastIndexOf(`${path.sep}${WeldPaths.folderName}${path.sep}`);
  return at >= 0 ? file.slice(0, at) : null;
}

/** Whether a file belongs to the lock. A heartbeat changes it every few seconds, and no check depends on it. */
export function belongsToLock(file: string): boolean {
  const top = topAbove(file);
  if (top === null) return false;
  const { activeLock, lockDir } = new WeldPaths(top);
  return file.startsWith(activeLock) || file === lockDir || isInside(lockDir, file);
}

/** @returns the absolute path; null for a URI that is not a file */
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
  // Prompts and the reviewer's output quote plans, but are not plans.
  if (folder === own.plan && ![own.planPrompt, own.reviewPrompt, own.reviewOutput].includes(file))
    return { kind: 'plan', file, paths, run };
  return { kind: 'prose', file, paths, run };
}

/** The nearest folder above that is a repository, else the file's own folder. */
function topOf(file: string): string {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, '.git'))) return folder;
    if (path.dirname(folder) === folder) return path.dirname(file);
  }
}
