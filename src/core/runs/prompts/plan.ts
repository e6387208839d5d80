import { projectWords, type RunFacts } from './facts';
import { enclosed, PLAN_FORMAT, PLAN_RULES } from './format';

/** Asks for a plan of small steps in the format that Weld reads. */
export function planPromptText(facts: RunFacts): string {
  const research =
    facts.research === undefined
      ? ''
      : `\nThis was found out about the code beforehand:\n\n${enclosed('research', facts.research)}\n`;
  return `# Make a plan

Plan how to meet the specification below in ${projectWords(facts)}. Change nothing: read the code, then answer with the plan alone.

${enclosed('specification', facts.spec)}
${research}
## Format

Each step has exactly this form:

${enclosed('format', PLAN_FORMAT)}

## Rules

${PLAN_RULES}
`;
}
