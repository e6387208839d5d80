import type { PlanStep } from '../../core/plan';
import type { DocLinks } from '../codes';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { type Findings, FindingsCollector } from '../findings';
import { DOCUMENT_START } from '../ranges';
import { type PathReference, pathsOf, type Reference } from './planPaths';
import { programsOf } from './planPrograms';

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

/** Diagnostics of a plan: warnings of the parser, and missing paths and programs as far as the disk has answered. */
export function planDiagnostics(document: OpenDocument, disk: Disk, links: DocLinks): Findings {
  const findings = new FindingsCollector(links);
  if (document.tooLarge) {
    findings.add(
      'too-large',
      DOCUMENT_START,
      'This document is too large to be checked while you type; split the plan.',
    );
    return findings.all;
  }
  const plan = document.plan();
  for (const { code, range, message } of plan.warnings) findings.add(code, range, withoutLine(message));
  const { top } = document.place.paths;
  const lineAt = (line: number): string => document.line(line);
  const announced = new Announced();
  for (const step of plan.steps) {
    const { paths, programs } = referencesOf(step, lineAt);
    for (const reference of paths) if (reference.announced) announced.add(reference.text);
    for (const { text, range, announced: isNew } of paths) {
      if (!isNew && !announced.has(text) && findings.isMissing(disk.pathExists(top, text)))
        findings.add(
          'missing-path',
          range,
          `${text} is not in the repository; correct the path, or say that the file is new.`,
        );
    }
    for (const { text, range } of programs) {
      if (findings.isMissing(disk.programExists(top, text)))
        findings.add(
          'missing-program',
          range,
          `${text} is not installed or not on the PATH, so that this test cannot run here.`,
        );
    }
  }
  return findings.all;
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
