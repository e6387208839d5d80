import type { CheckResult, ChecksSummary, GateCondition, Issue, StepRecord } from '../../artifacts/schemas';
import { criterion, open } from '../verdict/issues';
import { checksPart, document, EDITING_RULES, fenced, inOneLine, shortened, stepPart } from './promptParts';

export interface ImplementationPromptInput {
  readonly record: StepRecord;
  /** Path of the specification; null if the run does not know it. */
  readonly spec: string | null;
  /** Path of the plan in force, relative to the repository. */
  readonly plan: string;
  readonly otherSteps: readonly { readonly n: number; readonly title: string }[];
  readonly checks: readonly { readonly category: string; readonly command: string }[];
}

/** Returns the prompt to implement a step, in Markdown. */
export function implementationPrompt(input: ImplementationPromptInput): string {
  const others = input.otherSteps.map((step) => `- Step ${step.n}: ${step.title}`).join('\n');
  return document([
    `# Implement step ${input.record.n}: ${input.record.title}`,
    'You work in a git repository. Implement exactly the step below. The whole plan is in ' +
      `\`${input.plan}\`${input.spec === null ? '' : `, the specification in \`${input.spec}\``}.`,
    stepPart(input.record),
    others === '' ? '' : `## Not now\n\nThe other steps of the plan, which are done at their own time:\n\n${others}`,
    checksPart(input.checks),
    EDITING_RULES,
  ]);
}

export interface FixPromptInput {
  readonly record: StepRecord;
  readonly iteration: number;
  readonly checks: ChecksSummary | null;
  readonly issues: readonly Issue[];
  readonly gate: readonly GateCondition[];
}

/** Maximum length of one check's output in the prompt, in UTF-16 units. */
const OUTPUT_LIMIT = 20_000;

/** Returns the prompt to fix the failures of an iteration, in Markdown. It leaves out waived issues. */
export function fixPrompt(input: FixPromptInput): string {
  const failed = Object.entries(input.checks?.categories ?? {}).filter(([, result]) => !result.passed);
  const issues = open(input.issues);
  const other = input.gate.filter(
    (each) => !each.ok && !['checks_passed', 'no_blockers', 'criteria_met', 'verdict_passed'].includes(each.condition),
  );
  return document([
    `# Fix step ${input.record.n}: ${input.record.title}`,
    `Iteration ${input.iteration} of this step did not pass. Its changes are in the work tree: go on from there ` +
      'and fix what is listed here, nothing else.',
    failed.length === 0 ? '' : `## Failed checks\n\n${failed.map(failedCheck).join('\n\n')}`,
    issues.length === 0
      ? ''
      : `## Issues of the review\n\n${issues.map((issue) => issueLine(issue, input.record)).join('\n')}`,
    other.length === 0 ? '' : `## Also\n\n${other.map((each) => `- ${each.why}`).join('\n')}`,
    stepPart(input.record),
    EDITING_RULES,
  ]);
}

function failedCheck([name, { exit_code, output }]: [string, CheckResult]): string {
  return `### ${name} (exit code ${exit_code})\n\n${fenced(shortened(output, OUTPUT_LIMIT))}`;
}

function issueLine(issue: Issue, record: StepRecord): string {
  const where = issue.file === '' ? '' : ` \`${issue.file}${issue.line ? `:${issue.line}` : ''}\``;
  const maps = criterion(issue.maps_to);
  const text = maps === null ? null : (record.acceptance_criteria[Number(maps) - 1] ?? null);
  const about = maps === null ? '' : ` (criterion ${maps}${text === null ? '' : `: ${text}`})`;
  return `- **${issue.severity}**${where}: ${inOneLine(issue.hint)}${about}`;
}
