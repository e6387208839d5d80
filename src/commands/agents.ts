import * as vscode from 'vscode';
import * as z from 'zod';
import { type FoundAgent, findAgents, listedAgent, programIn } from '../core/agents/cli/listAgents';
import { agentKind } from '../core/agents/registry';
import { writeTaskModels } from '../core/config';
import {
  AGENT_KINDS,
  type AgentKind,
  isProvider,
  PROVIDERS,
  type Provider,
  TASKS,
  type Task,
} from '../core/config/providers';
import type { Config } from '../core/config/schema';
import type { Project } from '../core/project';
import { init } from '../core/runs/start';
import { COMMANDS } from '../ids';
import { button, invoke } from '../platform/invoke';
import { agentName, logIn } from '../ui/agentHelp';
import { announce } from '../ui/messages';
import { withProgress } from '../ui/progress';
import { agentItem } from './agentItem';
import { readingCommand, startingCommand } from './define';

const choice = z.object({
  provider: z.enum(AGENT_KINDS),
  model: z.string().optional(),
  exec: z.string().optional(),
  recording: z.string().optional(),
});

/** Writes the agent of each task into `[task_models]` of config.toml. */
export const chooseAgents = startingCommand({
  id: COMMANDS.chooseAgents,
  args: z.object({ tasks: z.partialRecord(z.enum(TASKS), choice) }),
  ask: async ({ repository: { project } }, given) => {
    if (given.tasks) return { tasks: given.tasks };
    const { config } = await project.config();
    const tasks = await pickTasks(config);
    if (!tasks) return undefined;
    const provider = await pickAgent(project, config, tasks);
    if (!provider) return undefined;
    const recording = provider === 'replay' && config.replay.recording === undefined ? await askRecording() : null;
    if (recording === undefined) return undefined;
    return {
      tasks: Object.fromEntries(tasks.map((task) => [task, { provider, ...(recording !== null && { recording }) }])),
    };
  },
  run: async (project, { tasks }) => {
    await init(project);
    await writeTaskModels(project.paths.config, tasks);
    return {};
  },
  done: async ({ repository: { project } }, { tasks }) => {
    const names = Object.keys(tasks) as Task[];
    const chosen = Object.values(tasks)[0]?.provider ?? 'manual';
    const does = `${agentName(chosen)} will do ${taskWords(names)}`;
    const [agent] = isProvider(chosen) ? await lookFor(project, (await project.config()).config, names, [chosen]) : [];
    const folder = project.top;
    if (!agent || listedAgent(agent).ok)
      announce('info', `${does}.`, [button('Choose More…', COMMANDS.chooseAgents, { folder })]);
    else
      announce('warning', `${does}, but it is ${agent.installed ? 'not logged in' : 'not installed'}. ${agent.how}`, [
        ...(agent.installed ? [logIn(PROVIDERS[agent.name].login, folder)] : []),
        button('Choose Another Agent', COMMANDS.chooseAgents, { folder }),
      ]);
  },
});

/** *List Agents*: which agent programs are installed, and whether they are logged in. */
export const listAgents = readingCommand({
  id: COMMANDS.listAgents,
  args: z.object({}),
  progress: () => 'Looking for agents',
  run: async (project, _args, { signal }) => {
    const { config } = await project.config();
    return { agents: (await findAgents(project, programIn(config), signal)).map(listedAgent) };
  },
  done: async ({ repository }, _args, { agents }) => {
    const picked = await vscode.window.showQuickPick(
      agents.map((agent) => agentItem(agent)),
      { title: 'Weld: Agents', placeHolder: 'Select one to choose who does which task' },
    );
    if (picked) await invoke(COMMANDS.chooseAgents, { folder: repository.project.top });
  },
});

const REVIEWS: readonly Task[] = ['research_review', 'plan_review', 'implementation_review'];
const AUTHORING: readonly Task[] = ['research', 'plan_generation', 'implementation', 'fix_generation'];
const taskTitle = (task: Task): string => task.charAt(0).toUpperCase() + task.slice(1).replaceAll('_', ' ');

function taskWords(tasks: readonly Task[]): string {
  if (tasks.length === TASKS.length) return 'every task';
  return tasks.map((task) => task.replaceAll('_', ' ')).join(', ');
}

async function pickTasks(config: Config): Promise<readonly Task[] | undefined> {
  const now = (tasks: readonly Task[]): string =>
    [...new Set(tasks.map((task) => agentName(agentKind(task, config))))].join(', ');
  const row = (label: string, tasks: readonly Task[], detail?: string) => ({
    label,
    description: now(tasks),
    tasks,
    ...(detail !== undefined && { detail }),
  });
  const picked = await vscode.window.showQuickPick(
    [
      row('$(list-unordered) Every Task', TASKS),
      row('$(tools) Authoring Tasks', AUTHORING, 'Research, plan, implementation, fixes.'),
      row('$(checklist) Review Tasks', REVIEWS, 'A second agent sees what the first one overlooks.'),
      ...TASKS.map((task) => row(`$(circle-small) ${taskTitle(task)}`, [task])),
    ],
    { title: 'Weld: Choose Agents (1/2)', placeHolder: 'Choose a task to reassign' },
  );
  return picked?.tasks;
}

/** Looks for agents. A task may name its own program, which then does that task. */
function lookFor(
  project: Project,
  config: Config,
  tasks: readonly Task[],
  names?: readonly Provider[],
): Promise<readonly FoundAgent[]> {
  const own = (name: Provider): string | undefined =>
    tasks.map((task) => config.task_models[task]).find((model) => model?.provider === name && model.exec !== undefined)
      ?.exec ?? programIn(config)(name);
  return withProgress(
    'Looking for agents',
    () => undefined,
    ({ signal }) => findAgents(project, own, signal, names),
  );
}

async function pickAgent(project: Project, config: Config, tasks: readonly Task[]): Promise<AgentKind | undefined> {
  const found = await lookFor(project, config, tasks);
  const programs = found.map((agent) => ({ ...agentItem(listedAgent(agent), agent.how), agent: agent.name }));
  const picked = await vscode.window.showQuickPick(
    [
      ...programs,
      {
        label: '$(person) Manual',
        description: 'needs nothing',
        detail: 'You do it: the prompt opens and is copied, and you give the answer.',
        agent: 'manual' as const,
      },
      {
        label: '$(history) Replay',
        description: 'a recording',
        detail: 'Plays recorded answers, for demos and tests.',
        agent: 'replay' as const,
      },
    ],
    { title: 'Weld: Choose Agents (2/2)', placeHolder: 'Who does it?' },
  );
  return picked?.agent;
}

async function askRecording(): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: 'Weld: Choose Agents',
    prompt: 'The recording, relative to the repository',
    placeHolder: 'recordings/demo.json',
    ignoreFocusOut: true,
  });
}
