import { isUtf8 } from 'node:buffer';
import type { Agent } from '../agents/types';
import type { Oid } from '../git/types';
import type { Project } from '../project';
import { fenced, shortened } from './prompts/parts';

const FILES = { claude: ['CLAUDE.md', '.claude/CLAUDE.md', 'AGENTS.md'], codex: ['AGENTS.md'] } as const;
/** Characters of one file that a prompt repeats. */
const LIMIT = 40_000;

/**
 * What the person has written for agents, as part of a prompt: the programs are kept from loading it by themselves,
 * because by then another agent may have rewritten it.
 * @param tree as of which it counts: the step's base @returns an empty text for an agent that is no program, and where there is nothing
 */
export async function instructionsFor(project: Project, agent: Pick<Agent, 'kind'>, tree: Oid): Promise<string> {
  if (agent.kind !== 'claude' && agent.kind !== 'codex') return '';
  const parts: string[] = [];
  const seen = new Set<string>();
  for (const file of FILES[agent.kind]) {
    const text = textOf(await project.git.readFile(tree, file));
    // A link to another of them holds no more than its name.
    if (text === '' || seen.has(text) || /^[\w./-]{1,200}\.md$/u.test(text)) continue;
    seen.add(text);
    parts.push(`### \`${file}\`\n\n${fenced(shortened(text, LIMIT), 'markdown')}`);
  }
  return parts.length === 0 ? '' : `\n## Instructions for agents in this repository\n\nThe person has written these for whoever works here; follow them as far as the task above does not say otherwise.\n\n${parts.join('\n\n')}\n`;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null || !isUtf8(bytes) ? '' : new TextDecoder().decode(bytes).trim();
}
