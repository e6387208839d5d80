import * as vscode from 'vscode';
import { LOG_CHANNEL } from '../ids';
import type { Logger } from '../core/logger';

/** The log channel *Weld* as core code knows it, and the place where the output of agents and programs streams to. */
export class ChannelLog implements Logger, vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel(LOG_CHANNEL, { log: true });
  private partial = '';
  private lastPhase = '';

  trace(message: string): void { this.channel.trace(message); }
  info(message: string): void { this.channel.info(message); }
  warn(message: string): void { this.channel.warn(message); }
  error(message: string, error?: unknown): void {
    this.channel.error(message);
    if (error !== undefined) this.channel.error(describe(error));
  }

  /** Logs what an operation does when it is something else than before; a countdown is not. */
  phase(message: string): void {
    const phase = message.replace(/\d+ s\b/gu, '');
    if (message === '' || phase === this.lastPhase) return;
    this.lastPhase = phase;
    this.channel.info(message);
  }

  /** @param text a piece of output; a line is logged when it is complete */
  stream(text: string): void {
    const lines = (this.partial + text).split(/\r?\n/u);
    this.partial = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) if (line.trim() !== '') this.channel.info(`│ ${line.slice(0, MAX_LINE)}`);
  }

  /** Logs what stands after the last line end. */
  endStream(): void {
    if (this.partial.trim() !== '') this.channel.info(`│ ${this.partial}`);
    this.partial = '';
  }

  show(): void { this.channel.show(true); }
  dispose(): void { this.channel.dispose(); }
}

/** A longer line would make the log view crawl. In UTF-16 units. */
const MAX_LINE = 4000;

/** An error with its causes and stacks, for the log only. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
