import {
  type Connection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentLinkRequest,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { WeldPaths } from '../core/artifacts/paths';
import { SpecFiles, topWithRuns } from '../core/plan';
import { type Place, toPath } from './disk';

/**
 * The specifications that runs refer to. They can be any Markdown file of the workspace, so the server registers each
 * with the client by its path.
 */
export class Specs {
  private readonly files = new SpecFiles();
  private readonly places = new Map<string, Place>();
  private readonly wanted = new Set<string>();
  private turn: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  /** @param found called when new specifications are known */
  constructor(
    private readonly connection: Connection,
    private readonly found: () => void,
  ) {}

  /** @returns null when no run read so far names the file as its specification */
  place(uri: string): Place | null {
    return this.places.get(toPath(uri) ?? '') ?? null;
  }

  /**
   * Reads which specifications the runs of these places name. Calls during a read share the next read.
   * @param starts absolute paths of files or folders
   * @param register whether the client accepts dynamic registration of documents
   * @returns when the read is over; a failed read is ignored, because the next one tries again
   */
  look(starts: Iterable<string>, register: boolean): Promise<void> {
    for (const start of starts) this.wanted.add(start);
    this.next ??= this.turn.then(() => {
      const wanted = [...this.wanted];
      this.wanted.clear();
      this.next = undefined;
      this.turn = this.read(wanted, register).catch(() => undefined);
      return this.turn;
    });
    return this.next;
  }

  private async read(starts: readonly string[], register: boolean): Promise<void> {
    const tops = new Set((await Promise.all(starts.map(topWithRuns))).filter((top) => top !== null));
    const fresh: string[] = [];
    for (const top of tops) {
      for (const [file, run] of await this.files.read(top)) {
        if (!this.places.has(file)) fresh.push(file);
        this.places.set(file, { kind: 'prose', file, paths: new WeldPaths(top), run });
      }
    }
    if (fresh.length === 0) return;
    this.found();
    if (register) await this.register(fresh);
  }

  private async register(files: readonly string[]): Promise<void> {
    const documentSelector = files.map((file) => ({ scheme: 'file', pattern: literalGlob(file) }));
    const { client } = this.connection;
    await client.register(DocumentLinkRequest.type, { documentSelector });
    await client.register(DidChangeTextDocumentNotification.type, {
      documentSelector,
      syncKind: TextDocumentSyncKind.Incremental,
    });
    await client.register(DidCloseTextDocumentNotification.type, { documentSelector });
    await client.register(DidOpenTextDocumentNotification.type, { documentSelector });
  }
}

/**
 * Whether a change at this path can add a reference to a specification: the path is such a reference, or a folder that
 * may have appeared together with one.
 */
export const mayNameSpec = (file: string): boolean =>
  /[\\/]\.weld(?:[\\/]runs(?:[\\/][^\\/]+(?:[\\/]inputs(?:[\\/]spec\.ref\.json)?)?)?)?$/u.test(file);

/** A glob that matches exactly this file. */
const literalGlob = (file: string): string => file.replaceAll('\\', '/').replace(/[*?{}[\]]/gu, '[$&]');
