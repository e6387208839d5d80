import type { Diagnostic } from 'vscode-languageserver/node';
import type { PlanStep, Range } from '../../core/plan';
import { type DiagnosticCode, type DocLinks, SEVERITY } from '../codes';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { type PathReference, pathsOf, type Reference } from './planPaths';
import { programsOf } from './planPrograms';

/** Makes one diagnostic of the server's. */
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

/** A sentence of the core names its line, for logs; beside the line itself that is noise. */
const withoutLine = (message: string): string => {
  const text = message.replace(/^Line \d+: /u, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

interface References {
  readonly paths: readonly PathReference[];
  readonly programs: readonly Reference[];
}

/** A step that nothing has moved is the same object as before, with the same references. */
const known = new WeakMap<PlanStep, References>();
function referencesOf(step: PlanStep, lineAt: (line: number) => string): References {
  let found = known.get(step);
  if (found === undefined)
    known.set(step, (found = { paths: pathsOf(step, lineAt), programs: programsOf(step, lineAt) }));
  return found;
}

export interface PlanFindings {
  readonly now: readonly Diagnostic[];
  /** What the disk has still to be asked for; null when everything is known. */
  readonly later: Promise<void> | null;
}

/** What is wrong with a plan. At most the core's own findings and those of the disk that are known by now. */
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

/** The paths that a plan has said are new, up to here; what stands in a new folder is new. */
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
