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
 * @param tree as of which it counts: the step's base @returns an empty text for an agent that is no program, and where
 *   there is nothing
 */
export async function instructionsFor(project: Project, agent: Pick<Agent, 'kind'>, tree: Oid): Promise<string> {
  if (agent.kind !== 'claude' && agent.kind !== 'codex') return '';
  const key = `${agent.kind} ${tree}`;
  const known = told.get(project.git);
  if (known?.key === key) return known.text;
  const text = await fromTree(project, FILES[agent.kind], tree);
  told.set(project.git, { key, text });
  return text;
}

/** The last answer of each repository: a tree stays as it is, and every call of a step is told the same. */
const told = new WeakMap<Project['git'], { readonly key: string; readonly text: string }>();

async function fromTree(project: Project, files: readonly string[], tree: Oid): Promise<string> {
  const parts: string[] = [];
  const seen = new Set<string>();
  const texts = await project.git.texts(tree, files);
  for (const file of files) {
    const text = (texts.get(file) ?? '').trim();
    // A link to another of them holds no more than its name.
    if (text === '' || seen.has(text) || /^[\w./-]{1,200}\.md$/u.test(text)) continue;
    seen.add(text);
    parts.push(`### \`${file}\`\n\n${fenced(shortened(text, LIMIT), 'markdown')}`);
  }
  return parts.length === 0
    ? ''
    : `\n## Instructions for agents in this repository\n\nThe person has written these for whoever works here; ` +
        'follow them as far as the task above does not say ' +
        `otherwise.\n\n${parts.join('\n\n')}\n`;
}
