import * as vscode from 'vscode';
import type { Permission, Person } from '../core/agents/types';

type Answer = Awaited<ReturnType<NonNullable<Person['allow']>>>;

/**
 * Asks whether what a condition of the gate found may stay, in a pick that names all of it and ends with the operation.
 * @returns null when the person closed it: nothing is decided then
 */
export async function askPermission({ title, details, signal }: Permission): Promise<Answer> {
  if (signal.aborted) return null;
  const source = new vscode.CancellationTokenSource();
  const end = (): void => {
    source.cancel();
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const allow = { label: '$(check) Allow with Reason…', detail: details.join(' · ') };
    const refuse = { label: '$(x) Do Not Allow', detail: 'The next iteration is told to take it back.' };
    const picked = await vscode.window.showQuickPick(
      [allow, refuse],
      { title: `Weld: ${title}`, placeHolder: details.join(' · '), ignoreFocusOut: true },
      source.token,
    );
    if (picked === refuse) return { allowed: false, reason: '' };
    if (picked !== allow) return null;
    const reason = await vscode.window.showInputBox(
      {
        title: `Weld: ${title}`,
        prompt: 'Why may it stay? The reason is kept with the run and stands in the commit.',
        ignoreFocusOut: true,
        validateInput: (text) => (text.trim() === '' ? 'To allow it needs a reason.' : undefined),
      },
      source.token,
    );
    return reason === undefined || reason.trim() === '' ? null : { allowed: true, reason: reason.trim() };
  } finally {
    signal.removeEventListener('abort', end);
    source.dispose();
  }
}
