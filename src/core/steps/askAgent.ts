import { type Agent, type AgentRequest, type AgentResult, guestOf } from '../agents/agent';
import { isProvider, PROVIDERS, type Task } from '../config/providers';
import type { Config } from '../config/schema';
import type { Oid } from '../git/git';
import { type Guarded, runGuarded } from '../guard';
import type { Operation, Project } from '../project';
import { WeldError } from '../util/errors';
import { fenced, shortened } from './prompts/promptParts';

/**
 * Chooses the agent of a task before anything is written.
 * @param instead what to do when the agent is a person and none is present, such as "run it from the editor"
 * @param config as the operation read it; omitted: read now
 * @throws WeldError `NEEDS_PERSON`, `CONFIG_INVALID`
 */
export async function needAgent(op: Operation, task: Task, instead: string, config?: Config): Promise<Agent> {
  const agent = await op.project.agent(task, op.person, config);
  if (agent.kind === 'manual' && !op.person)
    throw new WeldError(
      'NEEDS_PERSON',
      `The agent for "${task}" is a person; ${instead}, or choose another agent in .weld/config.toml.`,
    );
  return agent;
}

/** A question to an agent. The working directory, the lock and the guard are the same for all questions. */
export interface AgentQuestion extends Omit<AgentRequest, 'cwd' | 'lock' | 'guest'> {
  /** The tree from which instruction files are read; null: the tree of HEAD. */
  readonly instructionsOf: Oid | null;
}

/**
 * Asks an agent once, for a step or a run, under the guard.
 * @throws what `runGuarded` throws
 */
export async function askAgent(
  op: Operation,
  agent: Agent,
  { instructionsOf, ...question }: AgentQuestion,
): Promise<Guarded<AgentResult>> {
  const prompt = question.prompt + (await instructionsFor(op.project, agent, instructionsOf));
  const guarded = await runGuarded(op, guestOf(agent), (guest) =>
    agent.run({ ...question, prompt, cwd: op.project.top, lock: op.lock, guest }),
  );
  for (const sentence of guarded.report.warnings) op.project.log.warn(sentence);
  return guarded;
}

/** Maximum number of characters of one instruction file in a prompt. */
const LIMIT = 40_000;

/**
 * The person's instructions for agents, as part of a prompt. The agent programs do not load these files themselves,
 * because another agent may have changed them.
 * @param of the tree that has the files; null: the tree of HEAD
 * @returns an empty text if there are none, or if the agent is not a program
 */
export async function instructionsFor(project: Project, agent: Pick<Agent, 'kind'>, of: Oid | null): Promise<string> {
  if (!isProvider(agent.kind)) return '';
  const tree = of ?? (await project.git.headTree());
  const key = `${agent.kind} ${tree}`;
  const known = cachedInstructions.get(project.git);
  if (known?.key === key) return known.text;
  const text = await fromTree(project, PROVIDERS[agent.kind].instructions, tree);
  cachedInstructions.set(project.git, { key, text });
  return text;
}

/** The last text of each repository. A tree never changes, so all calls of a step get the same text. */
const cachedInstructions = new WeakMap<Project['git'], { readonly key: string; readonly text: string }>();

async function fromTree(project: Project, files: readonly string[], tree: Oid): Promise<string> {
  const parts: string[] = [];
  const seen = new Set<string>();
  const texts = await project.git.texts(tree, files);
  for (const file of files) {
    const text = (texts.get(file) ?? '').trim();
    // A symbolic link to another of these files has only that file's name as its content.
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
