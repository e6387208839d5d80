import { statSync } from 'node:fs';
import * as path from 'node:path';
import { standsIn } from '../../artifacts/inside';

/** Folders whose files a person does not write. */
const NOT_WRITTEN = new Set(['.git', '.weld', 'node_modules', 'site-packages']);
/** Maximum number of different names that are looked up on the disk for one output. */
const MOST_LOOKUPS = 2_000;
const MOST_CHARACTERS = 1_000;
const DRIVE = /^[A-Za-z]:[\\/]/u;

/** Finds the files of the repository that an output names. */
export class Places {
  private readonly known = new Map<string, string | undefined>();
  private readonly path: path.PlatformPath;

  /**
   * @param top absolute path of the repository's top folder, which is also where checks run
   * @param isFile whether an absolute path is a regular file of the repository
   */
  constructor(
    private readonly top: string,
    private readonly isFile: (file: string) => boolean = (file) => isFileBelow(top, file),
  ) {
    this.path = DRIVE.test(top) ? path.win32 : path.posix;
  }

  /**
   * @param name as printed: relative to the top, absolute, or a `file:` URL, with either kind of slash
   * @returns the path relative to the top with forward slashes; undefined if it is no file of the repository
   */
  find(name: string): string | undefined {
    if (name === '' || name.length > MOST_CHARACTERS) return undefined;
    if (this.known.has(name)) return this.known.get(name);
    if (this.known.size >= MOST_LOOKUPS) return undefined;
    const found = this.lookUp(name);
    this.known.set(name, found);
    return found;
  }

  private lookUp(name: string): string | undefined {
    const plain = this.plain(name);
    if (plain === undefined || plain.includes('\0')) return undefined;
    const absolute = this.path.resolve(this.top, plain);
    const relative = this.path.relative(this.top, absolute);
    const parts = relative.split(this.path.sep);
    if (relative === '' || parts[0] === '..' || this.path.isAbsolute(relative)) return undefined;
    if (parts.some((part) => NOT_WRITTEN.has(part))) return undefined;
    return this.isFile(absolute) ? parts.join('/') : undefined;
  }

  /** The name as a path of this system. */
  private plain(name: string): string | undefined {
    const named = name.startsWith('file://') ? fromUrl(name) : name;
    if (named === undefined || this.path === path.win32) return named;
    return DRIVE.test(named) ? undefined : named.replaceAll('\\', '/');
  }
}

function fromUrl(url: string): string | undefined {
  try {
    const decoded = decodeURIComponent(url.slice('file://'.length));
    return DRIVE.test(decoded.slice(1)) ? decoded.slice(1) : decoded;
  } catch {
    return undefined;
  }
}

function isFileBelow(top: string, file: string): boolean {
  try {
    return statSync(file).isFile() && standsIn(top, file);
  } catch {
    return false;
  }
}
