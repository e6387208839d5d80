import * as vscode from 'vscode';
import type { AgentFailure } from '../core/agents/failed';
import { LOGIN } from '../core/agents/cli/sentence';
import { waitVisibly } from '../core/steps/wait';
import { COMMANDS } from '../ids';
import type { Choice } from './messages';
import { withProgress } from './progress';

/** Asked again sooner, a service that limits or fails mostly says the same. In ms. */
const RETRY_MS = 60_000;

/** What helps after an agent has failed. @param top the repository @param again does once more what the agent was asked for */
export function agentHelp(failure: AgentFailure, top: string, again: () => unknown): Choice[] {
  const another: Choice = { title: 'Choose Another Provider', run: () => vscode.commands.executeCommand(COMMANDS.chooseAgents, { folder: top }) };
  switch (failure.kind) {
    case 'authentication': return [...logIn(failure, top), another];
    case 'rate_limit':
    case 'network': return [later(failure.retryAfterMs ?? RETRY_MS, again), another];
    case 'missing':
    case 'model':
    case 'billing':
    case 'unreadable':
    case 'no_answer': return [another];
    case 'budget':
    case 'crash':
    case 'timeout':
    case 'cancelled':
    case 'needs_person': return [];
  }
}

function logIn({ agent }: AgentFailure, top: string): Choice[] {
  if (agent !== 'claude' && agent !== 'codex') return [];
  return [{
    title: 'Open Terminal to Log In',
    run: () => {
      const terminal = vscode.window.createTerminal({ name: LOGIN[agent], cwd: top });
      terminal.show();
      terminal.sendText(LOGIN[agent]);
    },
  }];
}

function later(waitMs: number, again: () => unknown): Choice {
  return {
    title: `Retry in ${Math.ceil(waitMs / 1000)} s`,
    run: async () => {
      const waited = await withProgress('Weld', () => undefined, (progress) =>
        waitVisibly(waitMs, progress.signal, (left) => { progress.report({ message: `next try in ${left} s` }); }).then(() => true, () => false));
      if (waited) await again();
    },
  };
}
