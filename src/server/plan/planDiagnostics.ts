import type { Diagnostic } from 'vscode-languageserver/node';
import type { PlanStep, Range } from '../../core/plan';
import { type DiagnosticCode, type DocLinks, SEVERITY } from '../codes';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { type PathReference, pathsOf, type Reference } from './planPaths';
import { programsOf } from './planPrograms';

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

/** Removes the line number that messages of the core have for logs; the editor shows the line itself. */
const withoutLine = (message: string): string => {
  const text = message.replace(/^Line \d+: /u, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

interface References {
  readonly paths: readonly PathReference[];
  readonly programs: readonly Reference[];
}

/** References by step: the parser returns the same object for a step that has not changed or moved. */
const known = new WeakMap<PlanStep, References>();
function referencesOf(step: PlanStep, lineAt: (line: number) => string): References {
  let found = known.get(step);
  if (found === undefined)
    known.set(step, (found = { paths: pathsOf(step, lineAt), programs: programsOf(step, lineAt) }));
  return found;
}

/** Result of a check. */
export interface PlanFindings {
  readonly now: readonly Diagnostic[];
  /** Settles when the disk has answered the open questions; null when there are none. Check again then. */
  readonly later: Promise<void> | null;
}

/** Diagnostics of a plan: warnings of the parser, and missing paths and programs as far as the disk has answered. */
export function planDiagnostics(document: OpenDocument, disk: Disk, links: DocLinks): PlanFindings {
  if (document.tooLarge) {
    const start = { line: 0, character: 0 };
    return {
      now: [
        diagnose(
          links,
          'too-large',
          { start, end: start },
          'This document is too large to be checked while you type; split the plan.',
        ),
      ],
      later: null,
    };
  }
  const plan = document.plan();
  const now = plan.warnings.map((warning) =>
    diagnose(links, warning.code, warning.range, withoutLine(warning.message)),
  );
  const open: Promise<unknown>[] = [];
  const top = document.place.paths.top;
  const lineAt = (line: number): string => document.line(line);
  const announced = new Announced();
  for (const step of plan.steps) {
    const { paths, programs } = referencesOf(step, lineAt);
    for (const reference of paths) if (reference.announced) announced.add(reference.text);
    for (const reference of paths) {
      if (reference.announced || announced.has(reference.text)) continue;
      const there = disk.pathExists(top, reference.text);
      if (typeof there !== 'boolean') open.push(there);
      else if (!there)
        now.push(
          diagnose(
            links,
            'missing-path',
            reference.range,
            `${reference.text} is not in the repository; correct the path, or say that the file is new.`,
          ),
        );
    }
    for (const reference of programs) {
      const there = disk.programExists(top, reference.text);
      if (typeof there !== 'boolean') open.push(there);
      else if (!there)
        now.push(
          diagnose(
            links,
            'missing-program',
            reference.range,
            `${reference.text} is not installed or not on the PATH, so that this test cannot run here.`,
          ),
        );
    }
  }
  return { now, later: open.length === 0 ? null : Promise.all(open).then(() => undefined) };
}

/** Paths that the plan has announced as new so far. Everything in a new folder is new. */
class Announced {
  private readonly files = new Set<string>();
  private readonly folders: string[] = [];

  add(path: string): void {
    if (!this.files.has(path) && path.endsWith('/')) this.folders.push(path);
    this.files.add(path);
  }

  has(path: string): boolean {
    return this.files.has(path) || this.folders.some((folder) => path.startsWith(folder));
  }
}
