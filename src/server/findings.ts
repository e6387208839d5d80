import type { Diagnostic } from 'vscode-languageserver/node';
import type { Range } from '../core/plan';
import { type DiagnosticCode, type DocLinks, SEVERITY } from './codes';

/** Result of a check. */
export interface Findings {
  readonly now: readonly Diagnostic[];
  /** Settles when the disk has answered the open questions; null when there are none. Check again then. */
  readonly later: Promise<void> | null;
}

/** Collects the diagnostics of one check. */
export class FindingsCollector {
  private readonly now: Diagnostic[] = [];
  private readonly open: Promise<unknown>[] = [];

  constructor(private readonly links: DocLinks) {}

  add(code: DiagnosticCode, range: Range, message: string): void {
    this.now.push(diagnose(this.links, code, range, message));
  }

  /** @param exists an answer of the disk; a promise counts as not missing, and its answer belongs to the next check */
  isMissing(exists: Promise<boolean> | boolean): boolean {
    if (typeof exists === 'boolean') return !exists;
    this.open.push(exists);
    return false;
  }

  get all(): Findings {
    return { now: this.now, later: this.open.length === 0 ? null : Promise.all(this.open).then(() => undefined) };
  }
}

/** Creates a diagnostic with the severity and the documentation link of its code. */
export function diagnose(links: DocLinks, code: DiagnosticCode, range: Range, message: string): Diagnostic {
  const description = links.linkTo(code);
  return {
    source: 'Weld',
    code,
    range,
    message,
    severity: SEVERITY[code],
    ...(description === undefined ? {} : { codeDescription: description }),
  };
}
