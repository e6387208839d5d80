import * as vscode from 'vscode';
import { COMMANDS, CONTEXTS, STATUS } from '../ids';
import type { Repositories, Repository } from '../platform/repositories';
import type { ContextKeys } from '../platform/window';
import { type LockWords, lockWords } from '../ui/lockWords';

/**
 * The status item `weld.lock` shows who holds the run lock of the active folder's repository. Beside it is *Stop* while
 * this window works in any repository.
 */
export class LockStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(STATUS.lock, vscode.StatusBarAlignment.Left, 50.2);
  private readonly stop = vscode.window.createStatusBarItem(STATUS.stop, vscode.StatusBarAlignment.Left, 50.1);
  private repository: Repository | undefined;
  private following: vscode.Disposable[] = [];
  private readonly subscriptions: vscode.Disposable[];
  private tick: NodeJS.Timeout | undefined;
  /** What is shown now; for tests. */
  words: LockWords | undefined;

  constructor(
    private readonly repositories: Repositories,
    private readonly contexts: ContextKeys,
  ) {
    this.item.name = 'Weld: Run Lock';
    this.stop.name = 'Weld: Stop';
    this.stop.text = '$(debug-stop) Stop';
    this.stop.tooltip = 'Stop the step loop cleanly; finished work is kept';
    this.stop.accessibilityInformation = { label: 'Weld: stop the step loop', role: 'button' };
    this.subscriptions = [
      repositories.onDidChange(() => {
        void this.follow();
      }),
      repositories.onDidOpen(({ locks }) => {
        this.subscriptions.push(
          locks.onDidChange(() => {
            this.showStop();
          }),
          locks.onDidReport(() => {
            this.showStop();
          }),
        );
        void this.follow();
      }),
    ];
  }

  /** Follows the active folder's repository; without one the item is hidden. */
  async follow(): Promise<void> {
    const repository = await this.repositories.resolve().catch(() => undefined);
    if (repository !== this.repository) {
      for (const one of this.following) one.dispose();
      this.repository = repository;
      this.following = repository
        ? [
            repository.locks.onDidChange(() => {
              this.show();
            }),
            repository.locks.onDidReport(() => {
              this.show();
            }),
          ]
        : [];
    }
    this.show();
  }

  dispose(): void {
    clearTimeout(this.tick);
    for (const one of [...this.following, ...this.subscriptions]) one.dispose();
    this.item.dispose();
    this.stop.dispose();
  }

  private show(): void {
    clearTimeout(this.tick);
    this.showStop();
    if (!this.repository) {
      this.words = undefined;
      this.item.hide();
      return;
    }
    const {
      locks: { view, work },
      project: { top },
    } = this.repository;
    const words = lockWords(view, work, Date.now());
    this.words = words;
    this.item.text = words.text;
    this.item.tooltip = tooltip(words, top, work !== undefined);
    this.item.command = { command: COMMANDS.lockShow, title: 'Show Lock', arguments: [{ folder: top }] };
    this.item.accessibilityInformation = { label: `Weld: ${words.sentence}`, role: 'button' };
    this.item.backgroundColor =
      words.emphasis === 'none' ? undefined : new vscode.ThemeColor(`statusBarItem.${words.emphasis}Background`);
    this.item.show();
    this.contexts.set(CONTEXTS.heldElsewhere, view.kind === 'stale' || (view.kind === 'held' && view.where !== 'here'));
    if (view.kind === 'held')
      this.tick = setTimeout(() => {
        this.show();
      }, 1000); // the age
  }

  /** The repository at work may not be that of the active folder. */
  private showStop(): void {
    const working = this.repositories.known.filter(({ locks }) => locks.work);
    const shown = working.find((repository) => repository === this.repository) ?? working[0];
    this.contexts.set(CONTEXTS.busy, shown !== undefined);
    if (!shown) {
      this.stop.hide();
      return;
    }
    this.stop.command = { command: COMMANDS.stepStop, title: 'Stop', arguments: [{ folder: shown.project.top }] };
    this.stop.show();
  }
}

function tooltip(words: LockWords, top: string, stoppable: boolean): vscode.MarkdownString {
  const link = (title: string, command: string): string =>
    `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([{ folder: top }]))})`;
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: [COMMANDS.lockShow, COMMANDS.stepStop] };
  text.appendText(words.sentence);
  text.appendMarkdown(
    `\n\n${[...(stoppable ? [link('Stop', COMMANDS.stepStop)] : []), link('Show', COMMANDS.lockShow)].join(' · ')}`,
  );
  return text;
}
