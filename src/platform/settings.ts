import * as vscode from 'vscode';
import { SETTINGS } from '../ids';

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
