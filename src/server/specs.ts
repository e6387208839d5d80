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

/** The specifications of runs: they stand among ordinary Markdown, so the client is told of each by its path. */
export class Specs {
  private readonly files = new SpecFiles();
  private readonly places = new Map<string, Place>();
  private readonly wanted = new Set<string>();
  private turn: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  /** @param found called when files have become specifications */
  constructor(
    private readonly connection: Connection,
    private readonly found: () => void,
  ) {}

  /** @returns null for a file that no run names, as far as was looked */
  place(uri: string): Place | null {
    return this.places.get(toPath(uri) ?? '') ?? null;
  }

  /**
   * Looks which files the runs above these places name; places that come while a look goes on share the next one.
   * @param starts absolute paths of files or folders @param register whether the client lets documents be registered
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
 * Whether a change of this path may bring a reference to a specification: itself, or a folder that comes with all that
 * is in it.
 */
export const mayNameSpec = (file: string): boolean =>
  /[\\/]\.weld(?:[\\/]runs(?:[\\/][^\\/]+(?:[\\/]inputs(?:[\\/]spec\.ref\.json)?)?)?)?$/u.test(file);

/** A glob that means one file. */
const literalGlob = (file: string): string => file.replaceAll('\\', '/').replace(/[*?{}[\]]/gu, '[$&]');
