import { projectWords, type RunFacts } from './facts';
import { enclosed, PLAN_FORMAT, PLAN_RULES } from './format';

/** The heading under which a reviewer writes the whole plan again. */
export const REVISED_PLAN_HEADING = 'Revised Plan';

/** Asks for a review of a plan, and for the plan as it should be. */
export function planReviewPromptText(facts: RunFacts & { readonly plan: string }): string {
  const research = facts.research === undefined ? '' : `\n${enclosed('research', facts.research)}\n`;
  return `# Review a plan

Somebody planned how to meet the specification below in ${projectWords(facts)}. Change nothing: read the code and judge the plan before anybody works by it.

${enclosed('specification', facts.spec)}
${research}
${enclosed('plan', facts.plan)}

## What to look for

- Parts of the specification that no step meets, and steps that it does not ask for.
- Steps that cannot be done as written: paths that do not exist, wrong assumptions about the code, a wrong order.
- Steps that are too large for one review, or that leave the repository broken.
- Criteria that nobody could check, and edge cases without a criterion.

## Answer

First a section \`## Review\` with what you found, most important first. Then a section \`## ${REVISED_PLAN_HEADING}\` with the **whole** plan as it should be, every step of it, also those that you did not change. Each step has exactly this form:

${enclosed('format', PLAN_FORMAT)}

${PLAN_RULES}

If nothing has to change, say so in the review and leave the section \`## ${REVISED_PLAN_HEADING}\` out.
`;
}
