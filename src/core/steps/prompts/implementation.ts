import type { StepRecord } from '../../artifacts/schemas';
import { checksPart, EDITING_RULES, stepPart } from './parts';

export interface ImplementationPromptInput {
  readonly record: StepRecord;
  /** Path of the specification, when the run knows it. */
  readonly spec: string | null;
  /** Path of the plan in force, relative to the repository. */
  readonly plan: string;
  readonly otherSteps: readonly { readonly n: number; readonly title: string }[];
  readonly checks: readonly { readonly category: string; readonly command: string }[];
}

/** The prompt that asks for a step to be implemented, in Markdown. */
export function implementationPrompt(input: ImplementationPromptInput): string {
  const others = input.otherSteps.map((step) => `- Step ${step.n}: ${step.title}`).join('\n');
  return `${[
    `# Implement step ${input.record.n}: ${input.record.title}`,
    'You work in a git repository. Implement exactly the step below. The whole plan is in ' +
      `\`${input.plan}\`${input.spec === null ? '' : `, the specification in \`${input.spec}\``}.`,
    stepPart(input.record),
    others === '' ? '' : `## Not now\n\nThe other steps of the plan, which are done at their own time:\n\n${others}`,
    checksPart(input.checks),
    EDITING_RULES,
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}
