import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import type { Issue } from '../../core/artifacts/schemas';
import type { Plan, PlanStep, Range } from '../../core/plan';
import { isWarning } from '../../core/steps/conditions/judgeCondition';
import type { StepState } from '../../core/steps/state/states';
import { isWaived } from '../../core/steps/verdict/issues';
import { duration } from '../../core/util/duration';
import type { RunView } from '../runViews';
import { type CriterionVerdict, criterionAt, stepAt, verdictOn } from './criteria';
import { statusWords } from './lenses';

/** On a step's heading: its state, latest verdict and timing. On a criterion: the issues that map to it. */
export function planHover(plan: Plan, view: RunView | null, position: Position): Hover | null {
  const criterion = criterionAt(plan.steps, position.line);
  if (criterion !== null) {
    const review = view?.reviews.get(criterion.step.n);
    if (review === undefined) return null;
    const item = criterion.step.acceptanceCriteria[criterion.index];
    const verdict = verdictOn(criterion.text, review);
    if (verdict === null)
      return hover([`Iteration ${review.iteration} was reviewed without this criterion.`], item?.range);
    return hover(
      [
        `Criterion ${verdict.number}, iteration ${review.iteration}: ${said(verdict)}`,
        '',
        ...verdict.issues.map(issueLine),
      ],
      item?.range,
    );
  }
  const step = stepAt(plan.steps, position.line);
  if (step === undefined || step.heading.start.line !== position.line) return null;
  const state = view?.steps.get(step.n);
  const lines = [...headLines(step), summary(step)];
  return hover(state === undefined || view === null ? lines : [...stateLines(state, view), '', ...lines], step.heading);
}

function issueLine(issue: Issue): string {
  const line = typeof issue.line === 'number' ? `:${issue.line}` : '';
  const place = issue.file === '' ? '' : ` (${plain(issue.file)}${line})`;
  return `- **${issue.severity}**${isWaived(issue) ? ' (waived)' : ''}: ${plain(issue.hint)}${place}`;
}

/** The phase of the step with the number that counts, and the mark that the heading has. */
function headLines({ n, title, phase, mark }: PlanStep): readonly string[] {
  const lines = phase === undefined ? [] : [plain(phase), '', `Step ${n}: ${plain(title)}`, ''];
  return mark === undefined ? lines : [...lines, `Marked ${plain(mark)} in the plan, which is not evidence.`, ''];
}

function said({ issues, met }: CriterionVerdict): string {
  if (issues.length > 0) return counted(issues.length, 'issue', 'issues');
  return met ? 'met: no issue mentions it.' : 'unknown: an issue mentions a criterion that cannot be identified.';
}

const summary = (step: PlanStep): string =>
  `${counted(step.acceptanceCriteria.length, 'acceptance criterion', 'acceptance criteria')}, ` +
  `${counted(step.tests.length, 'test', 'tests')}.`;
const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function stateLines(state: StepState, view: RunView): readonly string[] {
  const latest = state.iterations.at(-1);
  const lines = [`**Step ${state.n}: ${statusWords(state) || 'not started'}**`];
  // The conditions of the gate follow below, so do not repeat one here.
  if (state.why !== null && !latest?.gate.some(({ why }) => why === state.why)) lines.push('', plain(state.why));
  if (latest === undefined) return lines;
  const counts = (['blocker', 'major', 'minor', 'waived'] as const)
    .filter((kind) => latest.issues[kind] > 0)
    .map((kind) => `${latest.issues[kind]} ${kind}`);
  lines.push(
    '',
    `Iteration ${latest.n} of ${Math.max(view.maxIterations, latest.n)}: ${latest.state}, ` +
      `${counts.length === 0 ? 'no issues' : `issues: ${counts.join(', ')}`}.`,
    '',
  );
  for (const condition of latest.gate)
    lines.push(`${isWarning(condition) ? '⚠' : condition.ok ? '✓' : '✗'} ${plain(condition.why)}  `);
  const timing = latest.timing;
  if (timing !== null && timing.total_ms > 0) {
    const cost = typeof timing.cost_usd === 'number' ? `, $${timing.cost_usd.toFixed(2)}` : '';
    lines.push(
      '',
      `Took ${duration(timing.total_ms)}: agent ${duration(timing.ai_invocation_ms)}, checks ` +
        `${duration(timing.checks_ms)}, review ${duration(timing.review_ms)}${cost}.`,
    );
  }
  return lines;
}

/** Escapes the text of an agent, so that it cannot act as Markdown. */
const plain = (text: string): string =>
  text
    .replace(/\s+/gu, ' ')
    .replace(/[\\`*_{}[\]()#+!|<>~-]/gu, '\\$&')
    .slice(0, 500);

const hover = (lines: readonly string[], range?: Range): Hover => ({
  contents: { kind: MarkupKind.Markdown, value: lines.join('\n') },
  ...(range === undefined ? {} : { range }),
});
