import { remembered } from '../../util/remembered';
import { type Behind, behindChecks, changedPackageParts, changedSections } from './checkInputs';
import { type FileChange, type Finding, finding, isGone, isNew, textOf } from './finding';
import { ALWAYS, covers } from './protectedFiles';

export interface ProtectedInput {
  /** The checks' commands, split into words. */
  readonly commands: readonly (readonly string[])[];
  /** `gate.protected_paths` of config.toml. */
  readonly patterns: readonly string[];
  /** Returns the text of a file before the step; null if there was none. */
  readonly baseText: (path: string) => string | null;
}

/**
 * Lists the changed files that decide what is checked: CI, hooks, what the configured checks depend on, and files that
 * the person protects. They are listed even if the step's *Changes* section names them, because it names only the file,
 * not what is done to it.
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

/** Results are cached, because every iteration matches the same files against the same long list. */
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
    // Scripts count only in the package.json at the top, because the checks run there. Elsewhere only settings count.
    const parts = changedPackageParts(before, after, path === 'package.json' ? behind.scripts : new Set());
    return parts.length === 0 ? null : `${parts.slice(0, 5).join(', ')} of what the checks run`;
  }
  const sections = changedSections(path, before, after, behind.commands);
  if (sections !== null)
    return sections.length === 0 ? null : `[${sections.slice(0, 5).join('], [')}] of what the checks read`;
  if (behind.named.has(path)) return 'a check names it';
  return behind.patterns.some((pattern) => covers(pattern, path)) ? 'a check reads it' : null;
}
