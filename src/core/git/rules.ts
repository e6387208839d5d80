import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { readBoundedNow } from '../artifacts/bounded';
import { WeldPaths } from '../artifacts/paths';
import { orNull } from '../util/files';
import type { Ignored } from './git';
import { decodeName, onDisk } from './names';
import { commonDir, type GitRunner } from './runGit';

export interface RulesDigest {
  /** Equal digests: the same files are ignored, belong to a nested repository, and are converted in the same way. */
  readonly digest: string;
  /**
   * False if the files do not suffice: a filter decides, there is a nested repository, or a rule changed too recently.
   */
  readonly reusable: boolean;
}

/**
 * The rules (ignore files, attributes, configuration) that decide whether a file is captured, and how it is converted.
 */
export class Rules {
  private known: { readonly by: string; readonly files: readonly string[] } | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  /**
   * @param files whose rules are read, relative to the top
   * @param since wall-clock ms; git may not have applied rules that changed after it
   */
  async read(files: Iterable<string>, since: number): Promise<RulesDigest> {
    const hash = createHash('sha256');
    let lasting = true;
    const add = (file: string | Buffer, converts: boolean): void => {
      const { content, changed } = contentOf(file);
      if (content !== null)
        hash.update(`${Buffer.from(file).toString('hex')} ${createHash('sha256').update(content).digest('hex')}\n`);
      if (changed >= since || (converts && content !== null && /\bfilter\b/u.test(content))) lasting = false;
    };
    for (const file of await this.globalFiles()) add(file, path.basename(file).includes('attributes'));
    let looked = 0;
    for (const folder of foldersOf(files)) {
      if (++looked % FILES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      // Most entries are files, which contain no rules.
      if (folder !== '' && lstatNow(onDisk(this.git.cwd, folder))?.isDirectory() !== true) continue;
      const within = (name: string): string | Buffer =>
        onDisk(this.git.cwd, folder === '' ? name : `${folder}/${name}`);
      add(within('.gitignore'), false);
      add(within('.gitattributes'), true);
      if (folder !== '' && lstatNow(within('.git'))) lasting = false;
    }
    return { digest: hash.digest('hex'), reusable: lasting };
  }

  /** Files with rules for the whole work tree. Git lists them, again after a configuration file has changed. */
  private async globalFiles(): Promise<readonly string[]> {
    const common = await commonDir(this.gitDir);
    const config = process.env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config');
    const standing = [
      ...[this.gitDir, common].flatMap((folder) =>
        ['config', 'config.worktree', 'info/exclude', 'info/attributes'].map((name) => path.join(folder, name)),
      ),
      ...['config', 'ignore', 'attributes'].map((name) => path.join(config, 'git', name)),
      path.join(os.homedir(), '.gitconfig'),
      '/etc/gitconfig',
      '/etc/gitattributes',
      path.join(this.gitDir, 'HEAD'), // `includeIf` can depend on the branch
    ];
    const by = (files: readonly string[]): string => files.map((file) => contentOf(file).content ?? '').join('\0');
    if (this.known && this.known.by === by(this.known.files)) return this.known.files;
    const listed = await this.git.fields(['config', '--list', '--show-origin', '-z']);
    const origins = listed.filter((_, i) => i % 2 === 0);
    const named = listed.flatMap((entry, i) =>
      i % 2 === 1 ? (/^core\.(?:excludes|attributes)file\n(.*)$/su.exec(entry)?.[1] ?? []) : [],
    );
    const found = [
      ...origins.flatMap((origin) => /^file:(.+)$/su.exec(origin)?.[1] ?? []),
      ...(named.every((value) => path.isAbsolute(value)) ? named : await this.namedFiles()),
    ];
    const files = [...new Set([...standing, ...found.map((file) => path.resolve(this.git.cwd, file))])].sort();
    this.known = { by: by(files), files };
    return files;
  }

  /** The files of rules that the configuration names, as git expands their paths. */
  private async namedFiles(): Promise<string[]> {
    const named = await this.git.fields(
      ['config', '--type=path', '-z', '--get-regexp', String.raw`^core\.(excludesfile|attributesfile)$`],
      { accept: [0, 1] },
    );
    return named.map((value) => value.slice(value.indexOf('\n') + 1));
  }
}

/** Maximum size of a rules file that is read, in bytes; a larger one is compared by its stat data. */
const MAX_RULES_BYTES = 4_000_000;

/** Number of synchronous checks before yielding to the event loop; asynchronous ones are many times slower. */
const FILES_PER_TURN = 200;

function contentOf(file: string | Buffer): { readonly content: string | null; readonly changed: number } {
  const stat = orNull(() => fs.statSync(file, { throwIfNoEntry: false }));
  if (!stat) return { content: null, changed: 0 };
  const changed = Math.max(stat.mtimeMs, stat.ctimeMs);
  const read = readBoundedNow(file, { most: MAX_RULES_BYTES, follow: true });
  return {
    content:
      read.how === 'read'
        ? read.bytes.toString('latin1')
        : `${stat.mode} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`,
    changed,
  };
}

/** Unreadable files count as absent: git cannot read them either. */
const lstatNow = (file: string | Buffer): fs.Stats | null =>
  orNull(() => fs.lstatSync(file, { throwIfNoEntry: false }) ?? null);

/** The parent folders of files, up to the top, and the files themselves, which may have become folders. */
function foldersOf(files: Iterable<string>): Set<string> {
  const folders = new Set(['']);
  for (const file of files)
    for (
      let folder = file;
      folder !== '' && !folders.has(folder);
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
    )
      folders.add(folder);
  return folders;
}

/** Maximum number of ignored files checked, so that an iteration does not walk a whole folder of packages. */
const MAX_IGNORED_FILES = 20_000;

/**
 * Ignored files that changed since a time, relative to the top, excluding `.weld`; no diff contains them. Uses `ctime`,
 * which programs cannot set back.
 * @param known ignored files and folders, if they were just read; otherwise git lists them
 * @param since wall-clock ms @returns `all`: false if there were more files than the maximum
 */
export async function ignoredSince(
  git: GitRunner,
  known: readonly string[] | undefined,
  since: number,
  signal?: AbortSignal,
): Promise<Ignored> {
  const told =
    known ??
    (await git.fields(['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'], { signal }));
  const queue = told
    .filter((name) => name.split('/', 1)[0] !== WeldPaths.folderName)
    .map((name) => (name.endsWith('/') ? name.slice(0, -1) : name))
    .reverse();
  const found: string[] = [];
  let looked = 0;
  for (let name = queue.pop(); name !== undefined && looked < MAX_IGNORED_FILES; name = queue.pop()) {
    const file = onDisk(git.cwd, name);
    const stat = orNull(() => fs.lstatSync(file));
    if (stat?.isDirectory())
      queue.push(
        ...(orNull(() => fs.readdirSync(file, { encoding: 'buffer' })) ?? []).map(
          (entry) => `${name}/${decodeName(entry)}`,
        ),
      );
    else if (stat && stat.ctimeMs >= since) found.push(name);
    if (++looked % FILES_PER_TURN !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  return { files: found, all: queue.length === 0 };
}
