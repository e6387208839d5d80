import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { readBoundedNow } from '../core/artifacts/bounded';
import type { PlanWarningCode } from '../core/plan';

/** Stable codes of all diagnostics that the server publishes. */
export type DiagnosticCode = PlanWarningCode | 'missing-path' | 'missing-program' | 'too-large' | ConfigCode;
export type ConfigCode =
  | 'config-unreadable'
  | 'config-syntax'
  | 'config-value'
  | 'config-unknown-key'
  | 'config-missing-program';

export const SEVERITY: Readonly<Record<DiagnosticCode, DiagnosticSeverity>> = {
  'no-steps': DiagnosticSeverity.Error,
  'duplicate-number': DiagnosticSeverity.Error,
  'zero-number': DiagnosticSeverity.Error,
  'missing-number': DiagnosticSeverity.Warning,
  'out-of-order': DiagnosticSeverity.Warning,
  'missing-title': DiagnosticSeverity.Warning,
  'missing-goal': DiagnosticSeverity.Warning,
  'missing-changes': DiagnosticSeverity.Warning,
  'missing-acceptance-criteria': DiagnosticSeverity.Warning,
  'missing-tests': DiagnosticSeverity.Warning,
  'empty-criterion': DiagnosticSeverity.Warning,
  'duplicate-criterion': DiagnosticSeverity.Warning,
  'almost-a-step': DiagnosticSeverity.Warning,
  'step-in-fence': DiagnosticSeverity.Warning,
  'lenient-format': DiagnosticSeverity.Warning,
  'lenient-step': DiagnosticSeverity.Warning,
  renumbered: DiagnosticSeverity.Information,
  'marked-done': DiagnosticSeverity.Information,
  'missing-path': DiagnosticSeverity.Warning,
  'missing-program': DiagnosticSeverity.Warning,
  'too-large': DiagnosticSeverity.Information,
  'config-unreadable': DiagnosticSeverity.Error,
  'config-syntax': DiagnosticSeverity.Error,
  'config-value': DiagnosticSeverity.Error,
  'config-unknown-key': DiagnosticSeverity.Warning,
  'config-missing-program': DiagnosticSeverity.Warning,
};

/**
 * Path of the page that explains the codes. The page ships with the server, so links to it work offline and in every
 * editor.
 */
export const docsFile = (serverDir: string): string => path.join(serverDir, '..', 'media', 'docs', 'diagnostics.md');

/** Links each code to its heading on the page that explains it. A missing page gives no links. */
export class DocLinks {
  private lines: ReadonlyMap<string, number> | undefined;

  constructor(private readonly file: string) {}

  linkTo(code: DiagnosticCode): { readonly href: string } | undefined {
    this.lines ??= readHeadings(this.file);
    const line = this.lines.get(code);
    return line === undefined ? undefined : { href: `${pathToFileURL(this.file).href}#L${line}` };
  }
}

/** Maximum size of the page that explains the codes. In bytes. */
const MAX_DOCS_BYTES = 1024 * 1024;

function readHeadings(file: string): ReadonlyMap<string, number> {
  const read = readBoundedNow(file, { most: MAX_DOCS_BYTES, follow: true });
  const lines = read.how === 'read' ? read.bytes.toString('utf8').split('\n') : [];
  return new Map(
    lines.flatMap((line, at) => (line.startsWith('## ') ? [[line.slice(3).trim(), at + 1] as const] : [])),
  );
}
