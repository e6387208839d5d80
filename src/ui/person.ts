import * as path from 'node:path';
import * as vscode from 'vscode';
import type { AgentRequest, FilesQuestion, HumanAgent, Permission } from '../core/agents/agent';
import type { Task } from '../core/config/providers';
import { COMMANDS, CONTEXTS, STATUS, TEXT_SCHEME } from '../ids';
import type { ContextKeys } from '../platform/window';
import { showSince } from './changes';
import { announce } from './messages';
import { askText } from './pick';
import { plainText } from './plainText';
import type { VirtualDocuments } from './virtualDocuments';

interface Pending {
  readonly request: AgentRequest;
  readonly settle: (answer: string | null) => void;
}

/**
 * The person as an agent. The prompt opens in an editor and is copied to the clipboard; the answer comes from an
 * editor, a file or the clipboard. A status bar item stays until the answer comes, because a notification can be
 * closed by mistake.
 */
export class EditorPerson implements HumanAgent, vscode.Disposable {
  private readonly pending: Pending[] = [];
  private readonly item = vscode.window.createStatusBarItem(STATUS.answer, vscode.StatusBarAlignment.Left, 50.05);

  constructor(
    private readonly documents: VirtualDocuments,
    private readonly contexts: ContextKeys,
  ) {
    this.item.name = 'Weld: Answer Wanted';
    this.item.command = COMMANDS.answer;
  }

  async answer(request: AgentRequest): Promise<string | null> {
    if (request.signal.aborted) return null;
    await vscode.env.clipboard.writeText(request.prompt);
    await this.documents.show(`${request.task}.prompt.md`, request.prompt);
    return new Promise<string | null>((resolve) => {
      const one: Pending = {
        request,
        settle: (answer) => {
          request.signal.removeEventListener('abort', cancel);
          this.pending.splice(this.pending.indexOf(one), 1);
          this.show();
          resolve(answer);
        },
      };
      const cancel = (): void => {
        one.settle(null);
      };
      request.signal.addEventListener('abort', cancel, { once: true });
      this.pending.push(one);
      this.show();
      announce('info', `${instruction(request)} The prompt is open and copied.`, [
        { title: 'Answer…', run: () => this.ask() },
      ]);
    });
  }

  allow(question: Permission): ReturnType<NonNullable<HumanAgent['allow']>> {
    return askPermission(question);
  }

  async goOn({ title, files, top, base, signal }: FilesQuestion): Promise<boolean> {
    const detail =
      `${files.slice(0, 20).join('\n')}${files.length > 20 ? `\nand ${files.length - 20} more` : ''}\n\nContinue ` +
      'only when you know who changed them. You are not asked ' +
      'again about the ' +
      'same content.';
    const chosen = await vscode.window.showWarningMessage(title, { modal: true, detail }, 'Continue', 'Show Changes');
    if (chosen !== 'Show Changes' || signal.aborted) return chosen === 'Continue' && !signal.aborted;
    await showSince('Files That Configure Agents', top, base, files);
    // Not modal, because a modal message would cover the diff.
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          resolve(undefined);
        },
        { once: true },
      );
    });
    const then = await Promise.race([vscode.window.showWarningMessage(plainText(title), 'Continue', 'Stop'), stopped]);
    return then === 'Continue' && !signal.aborted;
  }

  /** Asks where the answer is; when the person cancels, the request keeps waiting and the status bar item stays. */
  async ask(): Promise<void> {
    const [one] = this.pending;
    if (!one) {
      announce('info', 'No answer is pending.');
      return;
    }
    const pick = await vscode.window.showQuickPick(choices(one.request), {
      title: `Weld: Answer for ${label(one.request.task)}`,
      placeHolder: instruction(one.request),
    });
    if (!pick || !this.pending.includes(one)) return;
    const answer = await pick.take();
    if (answer !== undefined && this.pending.includes(one)) one.settle(answer);
    else if (pick.showPrompt) await this.documents.show(`${one.request.task}.prompt.md`, one.request.prompt);
  }

  dispose(): void {
    for (const one of [...this.pending]) one.settle(null);
    this.item.dispose();
  }

  private show(): void {
    const [one] = this.pending;
    this.contexts.set(CONTEXTS.answerWanted, one !== undefined);
    if (!one) {
      this.item.hide();
      return;
    }
    this.item.text = '$(comment) Answer wanted';
    this.item.tooltip = instruction(one.request);
    this.item.accessibilityInformation = {
      label: `Weld waits for your answer: ${instruction(one.request)}`,
      role: 'button',
    };
    this.item.show();
  }
}

interface AnswerChoice extends vscode.QuickPickItem {
  /** Undefined: the person chose nothing. Null: the person cancels the task. */
  readonly take: () => Promise<string | null | undefined>;
  readonly showPrompt?: boolean;
}

function choices(request: AgentRequest): AnswerChoice[] {
  const editing = request.access === 'edit';
  const done: AnswerChoice[] = editing
    ? [
        {
          label: '$(check) I Have Made the Changes',
          detail: 'The changed files are the answer.',
          take: async () => Promise.resolve(''),
        },
      ]
    : [];
  const front = vscode.window.activeTextEditor?.document;
  const documents = vscode.workspace.textDocuments
    .filter((document) => !document.isClosed && isAnswer(document))
    .sort((a, b) => Number(b === front) - Number(a === front));
  const fromEditors = documents.map(
    (document): AnswerChoice => ({
      label: `$(file) ${path.basename(document.fileName)}`,
      description: document.isUntitled ? 'unsaved editor' : vscode.workspace.asRelativePath(document.uri),
      take: async () => Promise.resolve(document.getText()),
    }),
  );
  return [
    ...done,
    ...fromEditors,
    { label: '$(folder-opened) Choose a File…', take: fromFile },
    {
      label: '$(clippy) Use Clipboard',
      detail: 'The text on the clipboard.',
      take: async () => {
        const text = await vscode.env.clipboard.readText();
        return text === request.prompt ? undefined : text;
      },
    },
    { label: '$(open-preview) Show the Prompt Again', take: async () => Promise.resolve(undefined), showPrompt: true },
    { label: '$(close) Cancel', detail: 'Stops here; finished work is kept.', take: async () => Promise.resolve(null) },
  ];
}

function isAnswer(document: vscode.TextDocument): boolean {
  const { scheme } = document.uri;
  return (
    scheme !== TEXT_SCHEME &&
    (scheme === 'file' || scheme === 'untitled') &&
    document.getText().trim() !== '' &&
    ['markdown', 'plaintext', 'json', 'jsonc'].includes(document.languageId)
  );
}

async function fromFile(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({ canSelectMany: false, openLabel: 'Take as Answer' });
  const [uri] = picked ?? [];
  return uri && new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function label(task: Task): string {
  return task.replaceAll('_', ' ');
}

/** Says in one sentence what the person does instead of an agent. */
function instruction({ task, step }: AgentRequest): string {
  const it = step === undefined ? 'the step' : `step ${step}`;
  switch (task) {
    case 'research':
      return 'Do the research yourself.';
    case 'research_review':
      return 'Review the research yourself.';
    case 'plan_generation':
      return 'Write the plan yourself.';
    case 'plan_review':
      return 'Review the plan yourself.';
    case 'implementation':
      return `Implement ${it} yourself, then choose Answer.`;
    case 'implementation_review':
      return `Review ${it} yourself.`;
    case 'discover':
    case 'interview':
      return `Answer for ${label(task)} yourself.`;
    case 'fix_generation':
      return `Fix ${it} yourself, then choose Answer.`;
  }
}

type Answer = Awaited<ReturnType<NonNullable<HumanAgent['allow']>>>;

/**
 * Asks whether the findings of a gate condition may stay, in a pick that lists all of them and closes with the
 * operation.
 * @returns null when the person closed it without a decision
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
    const refuse = { label: '$(x) Do Not Allow', detail: 'The next iteration is asked to undo it.' };
    const picked = await vscode.window.showQuickPick(
      [allow, refuse],
      { title: `Weld: ${title}`, placeHolder: details.join(' · '), ignoreFocusOut: true },
      source.token,
    );
    if (picked === refuse) return { allowed: false, reason: '' };
    if (picked !== allow) return null;
    const reason = await askText(
      title,
      'Why is it acceptable? The reason is kept with the run and appears in the commit.',
      'Allowing it needs a reason.',
      '',
      source.token,
    );
    return reason === undefined || reason.trim() === '' ? null : { allowed: true, reason: reason.trim() };
  } finally {
    signal.removeEventListener('abort', end);
    source.dispose();
  }
}
