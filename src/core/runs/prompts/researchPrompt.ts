import { enclosed, projectWords, type RunFacts } from './planPrompt';

/** Returns the prompt for research: what a planner has to know about the code. */
export function researchPromptText(facts: RunFacts): string {
  return `# Research for a plan

You look into ${projectWords(facts)}, so that somebody else can plan how to meet the specification below. \
Change nothing: read only.

${enclosed('specification', facts.spec)}

Write a Markdown document with these sections:

## Summary
What the specification asks of this code base, in a few sentences.

## Where things are
The files and functions that matter, as \`path:line\`, with one line on what each does.

## How it works today
The flow through those parts, and the conventions that new code has to follow (names, errors, tests, build).

## Constraints and risks
What must not break, what is easily overlooked, which parts of the specification contradict the code or each other.

## Open questions
What the specification leaves open, each with the answer you would choose and why.

Write facts that you have seen in the code, and say so where you only suppose. Do not write a plan. Answer with the \
document alone.
`;
}

/** Returns the prompt for a review of the research. */
export function researchReviewPromptText(facts: RunFacts & { readonly research: string }): string {
  return `# Review of a research document

Somebody looked into ${projectWords(facts)} to prepare a plan for the specification below. Change \
nothing: read only. Check the document against the code.

${enclosed('specification', facts.spec)}

${enclosed('research', facts.research)}

Answer in Markdown:

## Review
What is wrong, missing or only supposed, most important first, each with the \`path:line\` that shows it. If it can be \
relied on as it is, say so in one sentence.
`;
}
