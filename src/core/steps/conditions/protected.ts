import { remembered } from '../../util/remembered';
import { type Behind, behindChecks, changedPackageParts, changedSections } from './checkInputs';
import { type FileChange, type Finding, finding, isGone, isNew, textOf } from './finding';
import { ALWAYS, covers } from './protectedFiles';

export interface ProtectedInput {
  /** The checks' commands, split into words. */
  readonly commands: readonly (readonly string[])[];
  /** `gate.protected_paths` of config.toml. */
  readonly patterns: readonly string[];
  /** A file as it stood before the step; null where there was none. */
  readonly baseText: (path: string) => string | null;
}

/**
 * Files that a step changed and that decide what is checked: CI, hooks, what stands behind the configured checks, and
 * what
 * the person protects. That the step's *Changes* name one excuses nothing: named is the file, not what is done to it.
 */
export function protectedFindings(changes: readonly FileChange[], input: ProtectedInput): readonly Finding[] {
  const behind = behindChecks(input.commands, input.baseText);
  return changes.flatMap((change) => {
    const why = reasonFor(change, behind, input.patterns);
    return why === null
      ? []
      : [
          finding(
            'protected',
            change.path,
            `${isGone(change) ? 'was deleted' : isNew(change) ? 'is new' : 'was changed'} (${why})`,
            change.afterId,
          ),
        ];
  });
}

/** The files of a step are judged once an iteration, by the same long list. */
const decides = remembered((path) => ALWAYS.some((pattern) => covers(pattern, path)), 20_000);

function reasonFor(change: FileChange, behind: Behind, patterns: readonly string[]): string | null {
  const { path } = change;
  const own = patterns.find((pattern) => covers(pattern, path));
  if (own !== undefined) return `protected by "${own}"`;
  if (decides(path))
    return path === '.gitattributes' || path.endsWith('/.gitattributes')
      ? 'it changes what git shows'
      : 'it decides what is checked';
  const [before, after] = [textOf(change.before), textOf(change.after)];
  if (path === 'package.json' || path.endsWith('/package.json')) {
    // Below the top, only the tools' own settings: the checks run at the top.
    const parts = changedPackageParts(before, after, path === 'package.json' ? behind.scripts : new Set());
    return parts.length === 0 ? null : `${parts.slice(0, 5).join(', ')} of what the checks run`;
  }
  const sections = changedSections(path, before, after, behind.commands);
  if (sections !== null)
    return sections.length === 0 ? null : `[${sections.slice(0, 5).join('], [')}] of what the checks read`;
  if (behind.named.has(path)) return 'a check names it';
  return behind.patterns.some((pattern) => covers(pattern, path)) ? 'a check reads it' : null;
}
