import * as vscode from 'vscode';
import type { Oid } from '../core/git/git';
import { isPlain, showName } from '../core/git/names';
import { isOid } from '../core/git/oid';
import type { Project } from '../core/project';
import { TEXT_SCHEME, TREE_SCHEME } from '../ids';

/** Read-only documents without a file. Closing one asks nothing, unlike an untitled editor. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable[];
  private count = 0;

  constructor() {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(TEXT_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === TEXT_SCHEME) this.texts.delete(document.uri.toString());
      }),
    ];
  }

  /** Adds a document. @param name the title of its tab, such as `prompt.md` @returns the URI to open or compare */
  add(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({
      scheme: TEXT_SCHEME,
      path: `/${name.replaceAll('/', '-')}`,
      query: String(++this.count),
    });
    this.texts.set(uri.toString(), text);
    return uri;
  }

  /** Adds a document and opens it in an editor. */
  async show(name: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.add(name, text), { preview: false });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'This text is no longer kept; start the command again.';
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** The URI of a file in a tree. @param tree a git object id @param path relative to the top, with forward slashes */
export function treeUri(project: Pick<Project, 'top'>, tree: Oid, path: string): vscode.Uri {
  // A URI cannot hold a name that is not UTF-8, so the query holds that name as JSON.
  return vscode.Uri.from({
    scheme: TREE_SCHEME,
    path: `/${uriPath(path)}`,
    query: JSON.stringify({ top: project.top, tree, ...(isPlain(path) ? {} : { file: path }) }),
  });
}

/** A name from git for a URI: the shown form when the name is not UTF-8. */
export function uriPath(name: string): string {
  return isPlain(name) ? name : showName(name);
}

/** Maximum number of cached files. */
const MAX_CACHED = 50;
/** Maximum size of a cached file. In bytes. */
const MAX_CACHED_BYTES = 1024 * 1024;

/**
 * Read-only files of git trees, for the diff editor. It is a file system, because a text provider cannot serve binary
 * files. A file that is missing in the tree reads as empty, so that added and deleted files can be compared.
 */
export class TreeFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;
  /** A cache: the editor reads the size and then the content. Its entries stay valid, because a tree never changes. */
  private readonly cache = new Map<string, Uint8Array>();
  private readonly registration = vscode.workspace.registerFileSystemProvider(TREE_SCHEME, this, {
    isReadonly: true,
    isCaseSensitive: true,
  });

  constructor(private readonly projectAt: (top: string) => Project | undefined) {}

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { top, tree, file } = readQuery(uri);
    const project = this.projectAt(top);
    if (!project) throw vscode.FileSystemError.FileNotFound(uri);
    const key = uri.toString();
    const known = this.cache.get(key);
    if (known) return known;
    const content = (await project.git.readFile(tree, file ?? uri.path.slice(1))) ?? new Uint8Array();
    if (content.byteLength <= MAX_CACHED_BYTES) this.cache.set(key, content);
    for (const [oldest] of this.cache) if (this.cache.size > MAX_CACHED) this.cache.delete(oldest);
    return content;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const content = await this.readFile(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: 0,
      size: content.byteLength,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  } // a tree never changes
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changes.dispose();
  }
}

function readQuery(uri: vscode.Uri): { top: string; tree: Oid; file?: string } {
  const value: unknown = JSON.parse(uri.query);
  if (
    typeof value !== 'object' ||
    value === null ||
    !('top' in value) ||
    !('tree' in value) ||
    typeof value.top !== 'string' ||
    typeof value.tree !== 'string' ||
    !isOid(value.tree)
  )
    throw vscode.FileSystemError.FileNotFound(uri);
  return {
    top: value.top,
    tree: value.tree,
    ...('file' in value && typeof value.file === 'string' ? { file: value.file } : {}),
  };
}
