import { type Connection, type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import { reason } from '../core/util/errors';
import type { DocLinks } from './codes';
import { configDiagnostics } from './config/configDiagnostics';
import type { Disk } from './disk';
import type { OpenDocument } from './documents';
import type { Findings } from './findings';
import { planDiagnostics } from './plan/planDiagnostics';

/** Maximum number of diagnostics published for one document; editors show no more. The most severe are kept. */
const MAX_DIAGNOSTICS = 1_000;
/** Longest pause between changes that a check waits for. In ms. */
const MAX_PAUSE_MS = 100;

/**
 * Checks documents after changes and publishes their diagnostics. Changes in quick succession cause one check. A late
 * answer of the disk counts only while the document still has the version that asked for it.
 */
export class Checker {
  private readonly waiting = new Map<string, { readonly timer: NodeJS.Timeout; readonly since: number }>();
  /** Duration of the last check. In ms. */
  private cost = 0;

  constructor(
    private readonly connection: Connection,
    private readonly disk: Disk,
    private readonly links: DocLinks,
  ) {}

  /**
   * Schedules a check for the next pause in typing. The pause grows with the cost of a check, up to a maximum. A check
   * also runs when no pause comes, so that diagnostics do not lag behind for long.
   */
  soon(document: OpenDocument): void {
    const { uri } = document.text;
    if (document.place.kind === 'prose') return;
    const now = performance.now();
    const since = this.waiting.get(uri)?.since ?? now;
    clearTimeout(this.waiting.get(uri)?.timer);
    const pause = Math.min(this.cost / 3, MAX_PAUSE_MS);
    const left = since + Math.max(MAX_PAUSE_MS, this.cost * 4) - now;
    const timer = setTimeout(
      () => {
        this.waiting.delete(uri);
        this.check(document);
      },
      Math.max(0, Math.min(pause, left)),
    );
    this.waiting.set(uri, { timer, since });
  }

  /** Removes all diagnostics of a document. */
  clear(uri: string): void {
    clearTimeout(this.waiting.get(uri)?.timer);
    this.waiting.delete(uri);
    this.send(uri, undefined, []);
  }

  private check(document: OpenDocument, again = true): void {
    if (document.closed) return;
    const { uri, version } = document.text;
    const begun = performance.now();
    let findings: Findings;
    try {
      findings =
        document.place.kind === 'config'
          ? configDiagnostics(document, this.disk, this.links)
          : planDiagnostics(document, this.disk, this.links);
    } catch (error) {
      // An internal error must not leave diagnostics of an older text behind.
      this.connection.console.error(
        `${uri} cannot be checked: ${error instanceof Error ? (error.stack ?? error.message) : reason(error)}`,
      );
      findings = { now: [], later: null };
    }
    this.send(uri, version, findings.now);
    this.cost = performance.now() - begun;
    if (again && findings.later !== null)
      void findings.later.then(() => {
        if (document.text.version === version) this.check(document, false);
      });
  }

  private send(uri: string, version: number | undefined, diagnostics: Findings['now']): void {
    void this.connection.sendDiagnostics({
      uri,
      ...(version === undefined ? {} : { version }),
      diagnostics: [...worst(diagnostics)],
    });
  }
}

/** The most severe diagnostics, in their original order. */
function worst(diagnostics: Findings['now']): Findings['now'] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics;
  const rank = ({ severity }: Diagnostic): number => severity ?? DiagnosticSeverity.Error;
  const kept = new Set(diagnostics.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_DIAGNOSTICS));
  return diagnostics.filter((one) => kept.has(one));
}
