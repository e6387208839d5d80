import * as vscode from 'vscode';
import { isRunId, type RunId } from '../core/artifacts/ids';
import { WeldError } from '../core/util/errors';
import { type CONTEXTS, SETTINGS } from '../ids';

type ContextKey = (typeof CONTEXTS)[keyof typeof CONTEXTS];

/** Sets context keys for `when` clauses; a value that has not changed is not sent again. */
export class ContextKeys {
  private readonly sent = new Map<ContextKey, unknown>();

  set(key: ContextKey, value: string | boolean): void {
    if (this.sent.get(key) === value) return;
    this.sent.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** What this window remembers of each repository between sessions: the run and step that the person worked on last. */
export class Memory {
  constructor(private readonly state: vscode.Memento) {}

  lastRun(top: string): RunId | undefined {
    const id = this.state.get<string>(`lastRun:${top}`);
    return id !== undefined && isRunId(id) ? id : undefined;
  }

  lastStep(top: string, run: string): number | undefined {
    return this.state.get<number>(`lastStep:${top}:${run}`);
  }

  remember(top: string, run: string, step?: number): void {
    if (this.state.get(`lastRun:${top}`) !== run) void this.state.update(`lastRun:${top}`, run);
    const key = `lastStep:${top}:${run}`;
    if (step !== undefined && this.state.get(key) !== step) void this.state.update(key, step);
  }
}

/** How unsaved editors are treated before a phase that reads the work tree. */
export type SaveBeforeRun = 'ask' | 'always' | 'never';
/** When the end of a loop is announced. */
export type AnnounceEnd = 'always' | 'unfocused' | 'never';

const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SETTINGS.section);

export const settings = {
  get saveBeforeRun(): SaveBeforeRun {
    return section().get<SaveBeforeRun>(SETTINGS.saveBeforeRun, 'ask');
  },
  get announceEnd(): AnnounceEnd {
    return section().get<AnnounceEnd>(SETTINGS.announceEnd, 'always');
  },
  get offerResume(): boolean {
    return section().get<boolean>(SETTINGS.offerResume, true);
  },
};

/** Stores the person's choice for all their windows. */
export async function rememberSaveBeforeRun(choice: SaveBeforeRun): Promise<void> {
  await section().update(SETTINGS.saveBeforeRun, choice, vscode.ConfigurationTarget.Global);
}

/** Git runs hooks and filters of the folder it stands in, so even a read of the repository needs trust. */
export function assertTrusted(): void {
  if (vscode.workspace.isTrusted) return;
  throw new WeldError(
    'UNTRUSTED',
    'Weld runs programs of this folder, so it does nothing in Restricted Mode; trust this folder to use Weld.',
  );
}
