import * as vscode from 'vscode';
import { isRunId, type RunId } from '../core/artifacts/runIds';
import { WeldError } from '../core/util/errors';
import { type CONTEXTS, SETTINGS } from '../ids';

type ContextKey = (typeof CONTEXTS)[keyof typeof CONTEXTS];

/** Sets context keys for `when` clauses; sends only values that changed. */
export class ContextKeys {
  private readonly sent = new Map<ContextKey, unknown>();

  set(key: ContextKey, value: string | boolean): void {
    if (this.sent.get(key) === value) return;
    this.sent.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** Remembers between sessions the run and step of each repository that the person worked on last in this window. */
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

/** What happens to unsaved editors before a phase reads the work tree. */
export type SaveBeforeRun = 'ask' | 'always' | 'never';
/** When to announce the end of a loop. */
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

/**
 * Git runs hooks and filters of its folder, so even a read of the repository needs trust.
 * @throws WeldError `UNTRUSTED`
 */
export function assertTrusted(): void {
  if (vscode.workspace.isTrusted) return;
  throw new WeldError(
    'UNTRUSTED',
    'Weld runs programs of this folder, so it does nothing in Restricted Mode; trust this folder to use Weld.',
  );
}
