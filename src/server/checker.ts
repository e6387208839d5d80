import { type Connection, type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import { reason } from '../core/util/errors';
import type { DocLinks } from './codes';
import { configDiagnostics } from './config/configDiagnostics';
import type { Disk } from './disk';
import type { OpenDocument } from './documents';
import { type PlanFindings, planDiagnostics } from './plan/planDiagnostics';

/** More than this of one document no editor shows; the worst are kept. */
const MAX_DIAGNOSTICS = 1_000;
/** The longest pause that a check waits for. In ms. */
const MAX_PAUSE_MS = 100;

/**
 * Checks documents after each change and publishes what is wrong. Changes that arrive together are one check; an answer
 * of the
 * disk that comes late is published only for the text that it was asked for.
 */
export class Checker {
  private readonly waiting = new Map<string, { readonly timer: NodeJS.Timeout; readonly since: number }>();
  /** How long the last check took. In ms. */
  private cost = 0;

  constructor(
    private readonly connection: Connection,
    private readonly disk: Disk,
    private readonly links: DocLinks,
  ) {}

  /**
   * Checks a document when its changes pause for as long as a part of a check takes, but soon also when they never do.
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

  /** Takes back all that was published for a document. */
  clear(uri: string): void {
    clearTimeout(this.waiting.get(uri)?.timer);
    this.waiting.delete(uri);
    this.send(uri, undefined, []);
  }

  private check(document: OpenDocument, again = true): void {
    if (document.closed) return;
    const { uri, version } = document.text;
    const begun = performance.now();
    let findings: PlanFindings;
    try {
      findings =
        document.place.kind === 'config'
          ? configDiagnostics(document, this.disk, this.links)
          : planDiagnostics(document, this.disk, this.links);
    } catch (error) {
      // A fault of ours must not leave what was true of an older text.
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

  private send(uri: string, version: number | undefined, diagnostics: PlanFindings['now']): void {
    void this.connection.sendDiagnostics({
      uri,
      ...(version === undefined ? {} : { version }),
      diagnostics: [...worst(diagnostics)],
    });
  }
}

/** The most severe, in the order that they have. */
function worst(diagnostics: PlanFindings['now']): PlanFindings['now'] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics;
  const rank = ({ severity }: Diagnostic): number => severity ?? DiagnosticSeverity.Error;
  const kept = new Set(diagnostics.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_DIAGNOSTICS));
  return diagnostics.filter((one) => kept.has(one));
}
