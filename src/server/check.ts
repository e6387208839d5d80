import type { Connection } from 'vscode-languageserver/node';
import { reason } from '../core/errors';
import type { DocLinks } from './codes';
import { configDiagnostics } from './config/diagnostics';
import type { Disk } from './disk';
import type { OpenDocument } from './documents';
import { planDiagnostics, type PlanFindings } from './plan/diagnostics';

/**
 * Checks documents after each change and publishes what is wrong. Changes that arrive together are one check; an answer of the
 * disk that comes late is published only for the text that it was asked for.
 */
export class Checker {
  private readonly waiting = new Map<string, { readonly document: OpenDocument; readonly timer: NodeJS.Immediate }>();

  constructor(private readonly connection: Connection, private readonly disk: Disk, private readonly links: DocLinks) {}

  /** Checks once the messages that are here by now have been read. */
  soon(document: OpenDocument): void {
    const { uri } = document.text;
    if (document.place.kind === 'prose' || this.waiting.has(uri)) return;
    const timer = setImmediate(() => {
      this.waiting.delete(uri);
      this.check(document);
    });
    this.waiting.set(uri, { document, timer });
  }

  /** Takes back all that was published for a document. */
  clear(uri: string): void {
    const waiting = this.waiting.get(uri);
    if (waiting !== undefined) clearImmediate(waiting.timer);
    this.waiting.delete(uri);
    this.send(uri, undefined, []);
  }

  private check(document: OpenDocument, again = true): void {
    const { uri, version } = document.text;
    let findings: PlanFindings;
    try {
      findings = document.place.kind === 'config' ? configDiagnostics(document, this.disk, this.links) : planDiagnostics(document, this.disk, this.links);
    } catch (error) {
      // A fault of ours must not leave what was true of an older text.
      this.connection.console.error(`${uri} cannot be checked: ${error instanceof Error ? (error.stack ?? error.message) : reason(error)}`);
      findings = { now: [], later: null };
    }
    this.send(uri, version, findings.now);
    if (again && findings.later !== null) void findings.later.then(() => { if (document.text.version === version && !document.closed) this.check(document, false); });
  }

  private send(uri: string, version: number | undefined, diagnostics: PlanFindings['now']): void {
    void this.connection.sendDiagnostics({ uri, ...(version === undefined ? {} : { version }), diagnostics: [...diagnostics] });
  }
}
