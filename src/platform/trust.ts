import * as vscode from 'vscode';
import { WeldError } from '../core/errors';

/** Git runs hooks and filters of the folder it stands in, so even a read of the repository needs trust. */
export function assertTrusted(): void {
  if (vscode.workspace.isTrusted) return;
  throw new WeldError(
    'UNTRUSTED',
    'Weld runs programs of this folder, so it does nothing in Restricted Mode; trust this folder to use Weld.',
    {
      action: { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
    },
  );
}
