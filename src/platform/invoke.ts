import * as vscode from 'vscode';
import type { AgentKind, Provider, Task } from '../core/config/providers';
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
  /** Default: the step's latest iteration. */
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
 * The arguments of each command, in a file that every caller may import. The compiler compares each command's schema
 * with its entry here (`commands/define.ts`), so the two cannot differ.
 */
export interface CommandArgs {
  [COMMANDS.init]: { checks?: Record<string, string> | undefined; agents?: Provider[] | undefined };
  [COMMANDS.doctor]: OfFolder;
  [COMMANDS.sample]: Nothing;
  [COMMANDS.refresh]: OfFolder;
  [COMMANDS.showLog]: Nothing;
  [COMMANDS.showActivity]: Nothing;
  [COMMANDS.answer]: Nothing;
  [COMMANDS.chooseAgents]: Choices;
  [COMMANDS.listAgents]: Nothing;
  [COMMANDS.openConfig]: Nothing;
  [COMMANDS.openArtifact]: OfFile & { line?: number | undefined };
  [COMMANDS.copyPath]: OfFile;
  [COMMANDS.reveal]: OfFile;
  [COMMANDS.showMoreRuns]: { folder: string };
  [COMMANDS.runStart]: NewRun;
  [COMMANDS.runStartFromFile]: NewRun;
  [COMMANDS.runContinue]: OfRun;
  [COMMANDS.runSteps]: OfRun & {
    commitEach?: boolean | undefined;
    until?: number | undefined;
    resume?: boolean | undefined;
  };
  [COMMANDS.runAbandon]: OfRun;
  [COMMANDS.runCopyId]: OfRun;
  [COMMANDS.runReport]: OfRun;
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

/** Removes the index signature from the type of an object without fields. */
type Named<A> = { [P in keyof A as string extends P ? never : P]: A[P] };
type Optional<A> = { [P in keyof A]?: A[P] | undefined };

/** What a caller passes: every argument in a silent call; otherwise the command asks the person for missing ones. */
export type Call<K extends CommandId> =
  | (Optional<Named<CommandArgs[K]>> & { folder?: string | undefined; silent?: false })
  | (Named<CommandArgs[K]> & { folder?: string | undefined; silent: true });

/** Runs one of Weld's commands. @returns its result; undefined when the person cancelled or saw an error */
export function invoke<K extends CommandId>(command: K, args: Call<K> = {}): Thenable<unknown> {
  return vscode.commands.executeCommand(command, args);
}

/** Describes a call of a command for the editor's own clickable items, such as tree rows and quick fixes. */
export function link<K extends CommandId>(title: string, command: K, args: Call<K>): vscode.Command {
  return { title, command, arguments: [args] };
}

/** A button of a message, and its action. */
export interface Choice {
  readonly title: string;
  readonly run: () => unknown;
}

/** A button that runs one of Weld's commands. */
export function button<K extends CommandId>(title: string, command: K, args?: Call<K>): Choice {
  return { title, run: () => invoke(command, args) };
}

/** An error with its own button, where a better one is known than the usual one for its code. */
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
