import * as vscode from 'vscode';
import { findAgents, type ListedAgent, listedAgent, programIn } from '../core/agents/cli/listAgents';
import { type FoundCheck, findChecks } from '../core/config';
import type { Provider } from '../core/config/providers';
import { resolveProgram } from '../core/process/resolve';
import type { Project } from '../core/project';
import { isPresent } from '../core/util/files';
import type { COMMANDS } from '../ids';
import type { CommandArgs } from '../platform/invoke';
import { withProgress } from '../ui/progress';
import { agentItem } from './agentItem';

type Choices = CommandArgs[typeof COMMANDS.init];

/** One entry; without a check or an agent it only explains. */
interface Entry extends vscode.QuickPickItem {
  readonly check?: FoundCheck;
  readonly agent?: Provider;
}

/**
 * Asks once which checks and agents a new configuration begins with; what was found and works here is preselected.
 * It asks nothing where config.toml exists already.
 * @param given what the caller has chosen is not asked for
 * @returns undefined when the person cancelled
 */
export async function askFirstChoices(project: Project, given: Choices): Promise<Choices | undefined> {
  if ((given.checks && given.agents) || (await isPresent(project.paths.config))) return given;
  const found = await withProgress(
    'Looking for checks and agents',
    () => undefined,
    async ({ signal }) => {
      const look = { checks: findChecks(project.top), agents: agentsHere(project, signal) };
      const both = { checks: await look.checks, agents: await look.agents };
      return signal.aborted ? undefined : both;
    },
  );
  if (!found) return undefined;
  const picked = await vscode.window.showQuickPick<Entry>(
    [
      ...(given.checks ? [] : [separator('Checks'), ...checkEntries(project, found.checks)]),
      ...(given.agents ? [] : [separator('Agents'), ...agentEntries(found.agents)]),
    ],
    {
      title: 'Weld: Initialize Repository',
      placeHolder: 'Select checks for every step and the agents that do the work',
      canPickMany: true,
      matchOnDescription: true,
      ignoreFocusOut: true,
    },
  );
  return (
    picked && {
      checks: Object.fromEntries(picked.flatMap(({ check }) => (check ? [[check.category, check.command]] : []))),
      agents: picked.flatMap(({ agent }) => agent ?? []),
      ...given,
    }
  );
}

/** Each agent with one sentence about how it is logged in, or what to do. */
async function agentsHere(project: Project, signal: AbortSignal): Promise<readonly (readonly [ListedAgent, string])[]> {
  const { config } = await project.config();
  const found = await findAgents(project, programIn(config), signal);
  return found.map((agent) => [listedAgent(agent), agent.how]);
}

const separator = (label: string): Entry => ({ label, kind: vscode.QuickPickItemKind.Separator });

function checkEntries({ top }: Project, checks: readonly FoundCheck[]): Entry[] {
  if (checks.length === 0)
    return [
      {
        label: '$(info) No check was found',
        detail: 'Without one a step passes on its review alone. Add your tests under [checks] in .weld/config.toml.',
      },
    ];
  return checks.map((check) => {
    const [program] = check.words;
    const here = resolveProgram(program, top, process.env, { inRepository: true }) !== null;
    return {
      label: `$(beaker) ${check.category}`,
      description: `${check.command} (${check.from})`,
      ...(!here && { detail: `${program} is not installed or not on the PATH.` }),
      picked: here,
      check,
    };
  });
}

function agentEntries(agents: readonly (readonly [ListedAgent, string])[]): Entry[] {
  const entries = agents.map(([agent, how]): Entry => {
    const item = agentItem(agent, how);
    // One that is not installed cannot be chosen; its entry says what to do.
    return agent.ok || agent.signedIn !== undefined ? { ...item, picked: agent.ok, agent: agent.name } : item;
  });
  if (agents.some(([{ ok }]) => ok)) return entries;
  const manual: Entry = {
    label: '$(person) Manual',
    description: 'needs nothing',
    detail: 'You do every task yourself until you choose an agent: the prompt opens, and you give the answer.',
    picked: true,
  };
  return [manual, ...entries];
}
