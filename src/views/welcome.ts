import * as vscode from 'vscode';
import { type ErrorCode, WeldError } from '../core/util/errors';
import { isPresent } from '../core/util/files';
import { CONTEXTS } from '../ids';
import type { Repositories } from '../platform/repositories';
import type { ContextKeys } from '../platform/window';

export type WelcomeState =
  | 'noFolder'
  | 'untrusted'
  | 'noRepository'
  | 'gitMissing'
  | 'unsafe'
  | 'failed'
  | 'uninitialised'
  | 'empty'
  | 'ready';

/** Sets the state that decides what an empty Runs view says and which commands the palette offers. */
export async function updateWelcome(repositories: Repositories, contexts: ContextKeys): Promise<WelcomeState> {
  const state = await stateOf(repositories);
  contexts.set(CONTEXTS.state, state);
  return state;
}

async function stateOf(repositories: Repositories): Promise<WelcomeState> {
  if (repositories.folders.length === 0) return 'noFolder';
  if (!vscode.workspace.isTrusted) return 'untrusted';
  const all = await repositories.all();
  if (all.length === 0) return whyNoRepository(repositories);
  const runs = await Promise.all(all.map((one) => one.runs.ids().catch(() => [])));
  if (runs.some((ids) => ids.length > 0)) return 'ready';
  const there = await Promise.all(all.map(({ project }) => isPresent(project.paths.config)));
  return there.some(Boolean) ? 'empty' : 'uninitialised';
}

const STATES: Partial<Record<ErrorCode, WelcomeState>> = {
  GIT_MISSING: 'gitMissing',
  NOT_A_REPOSITORY: 'noRepository',
  UNSAFE_REPOSITORY: 'unsafe',
};

async function whyNoRepository(repositories: Repositories): Promise<WelcomeState> {
  try {
    await repositories.resolve();
    return 'failed';
  } catch (error) {
    if (!(error instanceof WeldError)) return 'failed';
    return STATES[error.code] ?? 'failed';
  }
}
