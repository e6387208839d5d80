import * as vscode from 'vscode';
import type { AgentFailure } from '../core/agents/agent';
import { type AgentKind, isProvider, PROVIDERS } from '../core/config/providers';
import { waitVisibly } from '../core/steps/ask';
import { COMMANDS } from '../ids';
import { button, type Choice } from '../platform/invoke';
import { withProgress } from './progress';
import { recoveryOptions } from './recoveryOptions';

/** Wait before a retry when the service names none: an earlier one would mostly fail again. In ms. */
const RETRY_MS = 60_000;

/**
 * The buttons that help after an agent has failed.
 * @param top the repository's path @param again repeats the task of the agent
 */
export function agentHelp(failure: AgentFailure, top: string, again: () => unknown): Choice[] {
  const { agent } = failure;
  return recoveryOptions(failure.kind, agent).flatMap((option): Choice | [] => {
    switch (option) {
      case 'logIn':
        return isProvider(agent) ? logIn(PROVIDERS[agent].login, top) : [];
      case 'later':
        return later(failure.retryAfterMs ?? RETRY_MS, again);
      case 'limits':
        return button('Open Configuration', COMMANDS.openConfig, { folder: top });
      case 'another':
        return button('Choose Another Agent', COMMANDS.chooseAgents, { folder: top });
    }
  });
}

/** A button that runs an agent's own login in a terminal. @param command such as "codex login" */
export function logIn(command: string, top: string): Choice {
  return {
    title: 'Open Terminal to Log In',
    run: () => {
      const terminal = vscode.window.createTerminal({ name: command, cwd: top });
      terminal.show();
      terminal.sendText(command);
    },
  };
}

function later(waitMs: number, again: () => unknown): Choice {
  return {
    title: `Retry in ${Math.ceil(waitMs / 1000)} s`,
    run: async () => {
      const waited = await withProgress(
        'Weld',
        () => undefined,
        (progress) =>
          waitVisibly(waitMs, progress.signal, (left) => {
            progress.report({ message: `next try in ${left} s` });
          }).then(
            () => true,
            () => false,
          ),
      );
      if (waited) await again();
    },
  };
}

/** An agent's name for people: "Claude Code", "You". */
export const agentName = (kind: AgentKind): string =>
  isProvider(kind) ? PROVIDERS[kind].label : { manual: 'You', replay: 'A recording' }[kind];
