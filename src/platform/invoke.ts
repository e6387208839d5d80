import * as vscode from 'vscode';
import type { AgentKind, Task } from '../core/config/providers';
import { type ErrorCode, WeldError } from '../core/util/errors';
import type { COMMANDS, CommandId } from '../ids';

type Nothing = Record<string, never>;
interface OfFolder {
  folder?: string | undefined;
}
interface OfFile {
  path: string;
}
interface OfRun {
  runId: string;
}
interface OfStep extends OfRun {
  step: number;
}
interface OfLatest extends OfStep {
  /** Left out: the step's latest iteration. */
  iteration?: number | undefined;
}
interface OfIteration extends OfStep {
  iteration: number;
}
interface Answer extends OfRun {
  file: string;
}
interface WithReason {
  reason: string;
}
interface Undoable extends WithReason {
  undo?: boolean | undefined;
}
interface NewRun {
  spec: string;
  name?: string | undefined;
  skipResearch?: boolean | undefined;
}
interface Loop extends OfStep {
  maxIterations?: number | undefined;
  resume?: boolean | undefined;
}
interface Choices {
  tasks: Partial<
    Record<
      Task,
      { provider: AgentKind; model?: string | undefined; exec?: string | undefined; recording?: string | undefined }
    >
  >;
}

/**
 * The arguments of each command, in one place that every caller may import. A command's own schema is compared with
 * its entry by the compiler (`commands/define.ts`), so the two cannot differ.
 */
export interface CommandArgs {
  [COMMANDS.init]: Nothing;
  [COMMANDS.doctor]: OfFolder;
  [COMMANDS.refresh]: OfFolder;
  [COMMANDS.showLog]: Nothing;
  [COMMANDS.answer]: Nothing;
  [COMMANDS.chooseAgents]: Choices;
  [COMMANDS.openConfig]: Nothing;
  [COMMANDS.openArtifact]: OfFile & { line?: number | undefined };
  [COMMANDS.copyPath]: OfFile;
  [COMMANDS.reveal]: OfFile;
  [COMMANDS.showMoreRuns]: { folder: string };
  [COMMANDS.runStart]: NewRun;
  [COMMANDS.runStartFromFile]: NewRun;
  [COMMANDS.runContinue]: OfRun;
  [COMMANDS.runAbandon]: OfRun;
  [COMMANDS.runCopyId]: OfRun;
  [COMMANDS.researchPrompt]: OfRun;
  [COMMANDS.researchGenerate]: OfRun;
  [COMMANDS.researchImport]: Answer;
  [COMMANDS.researchReview]: OfRun;
  [COMMANDS.planPrompt]: OfRun;
  [COMMANDS.planGenerate]: OfRun;
  [COMMANDS.planImport]: Answer;
  [COMMANDS.planReview]: OfRun & { apply?: boolean | undefined };
  [COMMANDS.planApply]: OfRun;
  [COMMANDS.planKeep]: OfRun & WithReason;
  [COMMANDS.stepSelect]: OfStep;
  [COMMANDS.stepLoop]: Loop;
  [COMMANDS.stepStop]: OfFolder & { runId?: string | undefined };
  [COMMANDS.stepSnapshot]: OfLatest;
  [COMMANDS.stepReview]: OfLatest;
  [COMMANDS.stepFixPrompt]: OfLatest;
  [COMMANDS.stepSkip]: OfStep & { reason?: string | undefined };
  [COMMANDS.stepAccept]: OfRun & { step?: number | undefined } & WithReason;
  [COMMANDS.stepUnaccept]: OfRun & { step?: number | undefined };
  [COMMANDS.stepAmend]: OfStep;
  [COMMANDS.stepRestore]: OfLatest & { to?: 'base' | { kept: number } | undefined };
  [COMMANDS.stepShowChanges]: OfIteration & { against?: number | undefined };
  [COMMANDS.stepCompare]: OfIteration;
  [COMMANDS.stepOpenReview]: OfIteration;
  [COMMANDS.checkAcceptKnown]: OfLatest & Undoable;
  [COMMANDS.issueWaive]: OfLatest & Undoable & { issue: string };
  [COMMANDS.issueUnwaive]: OfLatest & { issue: string };
  [COMMANDS.issueFix]: Loop;
  [COMMANDS.commit]: OfRun & {
    message: string;
    what?: 'passed' | 'staged' | 'all' | undefined;
    steps?: number[] | undefined;
    all?: boolean | undefined;
    files?: string[] | undefined;
    force?: boolean | undefined;
  };
  [COMMANDS.lockShow]: Nothing;
  [COMMANDS.lockWait]: Nothing;
  [COMMANDS.lockAskToStop]: Nothing;
  [COMMANDS.lockTakeOver]: { token: string };
}

/** Without the index signature by which an object without fields is typed. */
type Named<A> = { [P in keyof A as string extends P ? never : P]: A[P] };
type Optional<A> = { [P in keyof A]?: A[P] | undefined };

/** What a caller passes: a silent call gives every argument, any other lets the command ask the person for the rest. */
export type Call<K extends CommandId> =
  | (Optional<Named<CommandArgs[K]>> & { folder?: string | undefined; silent?: false })
  | (Named<CommandArgs[K]> & { folder?: string | undefined; silent: true });

/** Runs one of Weld's commands. @returns its result; undefined when the person gave up or was shown an error */
export function invoke<K extends CommandId>(command: K, args: Call<K> = {}): Thenable<unknown> {
  return vscode.commands.executeCommand(command, args);
}

/** One of Weld's commands for a click in the editor's own surfaces. */
export function link<K extends CommandId>(title: string, command: K, args: Call<K>): vscode.Command {
  return { title, command, arguments: [args] };
}

/** A button under a message, and what it does. */
export interface Choice {
  readonly title: string;
  readonly run: () => unknown;
}

/** A button that runs one of Weld's commands. */
export function button<K extends CommandId>(title: string, command: K, args?: Call<K>): Choice {
  return { title, run: () => invoke(command, args) };
}

/** An error whose place knows a better button than the one that its code has. */
export class ErrorWithChoice extends WeldError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly choice: Choice,
    cause?: unknown,
  ) {
    super(code, message, { cause });
  }
}
