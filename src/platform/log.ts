import * as vscode from 'vscode';
import type { Logger } from '../core/util/logger';
import { ACTIVITY_CHANNEL, LOG_CHANNEL } from '../ids';
import { BoundedStream } from './boundedStream';

/** The log channel *Weld*, and the channel *Weld Activity* with what agents and programs say and do. */
export class ChannelLog implements Logger, vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel(LOG_CHANNEL, { log: true });
  private readonly activity = vscode.window.createOutputChannel(ACTIVITY_CHANNEL);
  private readonly output = new BoundedStream((line) => {
    this.activity.appendLine(line);
  });
  private lastPhase = '';

  trace(message: string): void {
    this.channel.trace(message);
  }
  info(message: string): void {
    this.channel.info(message);
  }
  warn(message: string): void {
    this.channel.warn(message);
  }
  error(message: string, error?: unknown): void {
    this.channel.error(message);
    if (error !== undefined) this.channel.error(describe(error));
  }

  /** Logs a phase of an operation when it differs from the last one; a countdown does not count as a difference. */
  phase(message: string): void {
    const phase = message.replace(/(?<!\d)\d+ s\b/gu, '');
    if (message === '' || phase === this.lastPhase) return;
    this.lastPhase = phase;
    this.endStream(); // output after this comes from another program
    this.channel.info(message);
    this.activity.appendLine(`\n── ${new Date().toLocaleTimeString()} ${message}`);
  }

  /** @param text a piece of output; complete lines are shown, up to a limit for each program */
  stream(text: string): void {
    this.output.add(text);
  }

  /** Shows an unfinished last line, and how much was left out. */
  endStream(): void {
    this.output.end();
  }

  show(): void {
    this.channel.show(true);
  }
  /** Opens the activity without taking the focus. */
  showActivity(): void {
    this.activity.show(true);
  }
  dispose(): void {
    this.activity.dispose();
    this.channel.dispose();
  }
}

/** Describes an error with its causes and stacks, for the log only. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
