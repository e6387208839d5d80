/** Returns the prompt for a plan of small steps in the format that Weld parses. */
export function planPromptText(facts: RunFacts): string {
  const research =
    facts.research === undefined
      ? ''
      : `\nThis was found out about the code beforehand:\n\n${enclosed('research', facts.research)}\n`;
  return `# Make a plan

Plan how to meet the specification below in ${projectWords(facts)}. Change nothing: read the code, then \
answer with the plan alone.

${enclosed('specification', facts.spec)}
${research}
## Format

Each step has exactly this form:

${enclosed('format', PLAN_FORMAT)}

## Rules

${PLAN_RULES}
`;
}

/** The heading under which a reviewer writes the complete revised plan. */
export const REVISED_PLAN_HEADING = 'Revised Plan';

/** Returns the prompt for a review of a plan and, if needed, a revised plan. */
export function planReviewPromptText(facts: RunFacts & { readonly plan: string }): string {
  const research = facts.research === undefined ? '' : `\n${enclosed('research', facts.research)}\n`;
  return `# Review a plan

Somebody planned how to meet the specification below in ${projectWords(facts)}. Change nothing: read the code and \
judge the plan before anybody works by it.

${enclosed('specification', facts.spec)}
${research}
${enclosed('plan', facts.plan)}

## What to look for

- Parts of the specification that no step meets, and steps that it does not ask for.
- Steps that cannot be done as written: paths that do not exist, wrong assumptions about the code, a wrong order.
- Steps that are too large for one review, or that leave the repository broken.
- Criteria that nobody could check, and edge cases without a criterion.

## Answer

First a section \`## Review\` with what you found, most important first. Then a section \
\`## ${REVISED_PLAN_HEADING}\` with the **whole** plan as it should be, every step of it, also those that you did \
not change. Each step has exactly this form:

${enclosed('format', PLAN_FORMAT)}

${PLAN_RULES}

If nothing has to change, say so in the review and leave the section \`## ${REVISED_PLAN_HEADING}\` out.
`;
}

/** The format that prompts request and that Weld parses. */
export const PLAN_FORMAT = `## Step N: Title

### Goal
One or two sentences: what works after this step that did not before.

### Changes
- \`path/of/a/file\`: what changes in it (say "new file" where it does not exist yet)

### Acceptance criteria
- [ ] One observable fact that a reviewer can check by reading the change or running a command

### Tests
- The test file or the command that shows it`;

export const PLAN_RULES = `- Steps are numbered 1, 2, 3, … without gaps, each with a second-level heading \
of exactly the form \`## Step N: Title\`.
- Every step has the four sections Goal, Changes, Acceptance criteria and Tests, as third-level headings, \
in this order.
- A step is small enough for one review, leaves the repository working with all checks passing, and builds only \
on the steps before it.
- Criteria are facts that can be checked, not intentions; each is one list item with a checkbox.
- Name real paths of this repository; read the code before you name them.
- Do not put the plan into a code fence, and write nothing after its last step.`;

/** Encloses text in tags. The closing tag never occurs in the text, so a model can always tell where the text ends. */
export function enclosed(name: string, text: string): string {
  let tag = name;
  for (const [, underscores = ''] of text.matchAll(new RegExp(`</${name}(_*)>`, 'gu')))
    if (name.length + underscores.length >= tag.length) tag = `${name}${underscores}_`;
  return `<${tag}>\n${text.trimEnd()}\n</${tag}>`;
}

/** The input of a run's prompts. */
export interface RunFacts {
  /** The project's name in config.toml. */
  readonly projectName: string | undefined;
  readonly spec: string;
  /** The specification's file name. */
  readonly specName: string;
  /** The text of the research, if there is any. */
  readonly research?: string;
}

/** Returns "the project NAME, in this repository", or "this repository" if the project has no name. */
export function projectWords(facts: Pick<RunFacts, 'projectName'>): string {
  return facts.projectName === undefined || facts.projectName.trim() === ''
    ? 'this repository'
    : `the project ${facts.projectName}, in this repository`;
}
