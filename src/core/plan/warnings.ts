import { SECTION_NAMES } from './labels';
import { saysDone, strictHeading } from './marks';
import type { Range } from './planText';
import type { PlanStep, PlanWarning, PlanWarningCode, SectionName } from './source';
import type { FoundStep, FoundSteps } from './stepReader';

/** Makes a warning whose sentence begins with its line, counted from 1. */
export function warning(code: PlanWarningCode, range: Range, says: string, fence?: number): PlanWarning {
  return { code, range, ...(fence === undefined ? {} : { fence }), message: `Line ${range.start.line + 1}: ${says}` };
}

/**
 * Warns of numbers that are zero, repeated, backwards or missing, each at the heading concerned. Renumbered steps get a
 * single warning instead.
 */
export function numberWarnings(found: readonly FoundStep[]): readonly PlanWarning[] {
  const first = found.find(({ written }) => written !== undefined);
  if (first !== undefined) {
    const {
      step: { n, heading },
      written = 0,
    } = first;
    return [
      warning(
        'renumbered',
        heading,
        `the steps are numbered across all phases: what the heading calls ${written} is step ${n}.`,
      ),
    ];
  }
  return writtenNumbers(found.map(({ step }) => step));
}

function writtenNumbers(steps: readonly PlanStep[]): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const firstLines = new Map<number, number>();
  let highest = 0;
  for (const { n, heading } of steps) {
    const first = firstLines.get(n);
    if (n === 0) warnings.push(warning('zero-number', heading, 'a step has the number 0; steps count from 1.'));
    if (first !== undefined)
      warnings.push(
        warning(
          'duplicate-number',
          heading,
          `step ${n} occurs twice, first on line ${first + 1}; give this one another number.`,
        ),
      );
    else if (n < highest)
      warnings.push(
        warning(
          'out-of-order',
          heading,
          `step ${n} comes after step ${highest}; steps are worked in the order of their numbers.`,
        ),
      );
    if (first === undefined) firstLines.set(n, heading.start.line);
    highest = Math.max(highest, n);
  }
  let expected = 1;
  for (const step of steps.filter(({ n }) => n > 0).toSorted((a, b) => a.n - b.n)) {
    if (step.n > expected) {
      const missing = step.n - 1 > expected ? `steps ${expected} to ${step.n - 1} are` : `step ${expected} is`;
      warnings.push(warning('missing-number', step.heading, `${missing} missing before step ${step.n}.`));
    }
    expected = Math.max(expected, step.n + 1);
  }
  return warnings;
}

const MISSING: Readonly<Record<SectionName, { readonly code: PlanWarningCode; readonly says: string }>> = {
  goal: { code: 'missing-goal', says: 'no Goal' },
  changes: { code: 'missing-changes', says: 'no Changes' },
  'acceptance criteria': { code: 'missing-acceptance-criteria', says: 'no Acceptance criteria' },
  tests: { code: 'missing-tests', says: 'no Tests' },
};

/** Warns of what a step lacks: title, sections, text in a criterion. */
export function contentWarnings({ step, empty, filled }: FoundStep): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (step.title === '')
    warnings.push(
      warning('missing-title', step.heading, `step ${step.n} has no title; write "## Step ${step.n}: Title".`),
    );
  for (const name of SECTION_NAMES) {
    if (filled.has(name)) continue;
    warnings.push(warning(MISSING[name].code, step.heading, `step ${step.n} has ${MISSING[name].says}.`));
  }
  for (const range of empty)
    warnings.push(warning('empty-criterion', range, `an acceptance criterion of step ${step.n} is empty.`));
  const seen = new Map<string, number>();
  for (const { text, range } of step.acceptanceCriteria) {
    const key = text
      .toLowerCase()
      .replace(/\s+/gu, ' ')
      .replace(/[.;,]$/u, '');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, range.start.line);
    else
      warnings.push(
        warning(
          'duplicate-criterion',
          range,
          `this acceptance criterion of step ${step.n} occurs twice, first on line ${first + 1}.`,
        ),
      );
  }
  return warnings;
}

/** Warns of steps whose headings are not `## Step N: Title`, and of headings that call a step done. */
export function readingWarnings({ steps }: FoundSteps, fromList: boolean): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const first = steps[0];
  if (fromList && first !== undefined)
    warnings.push(
      warning(
        'lenient-format',
        first.step.heading,
        'the steps were taken from a list; write each as "## Step N: Title".',
      ),
    );
  for (const {
    step: { n, title, heading, mark },
    lenient,
  } of steps) {
    if (lenient === true)
      warnings.push(
        warning('lenient-step', heading, `this was read as step ${n}; write "${strictHeading({ n, title, mark })}".`),
      );
    if (mark !== undefined && saysDone(mark))
      warnings.push(
        warning(
          'marked-done',
          heading,
          `the heading says that step ${n} is done; that is not evidence, so skip the step if nothing is left to do.`,
        ),
      );
  }
  return warnings;
}
