import * as vscode from 'vscode';
import type { Logger } from '../core/util/logger';
import { LOG_CHANNEL } from '../ids';
import { BoundedStream } from './boundedStream';

/** The log channel *Weld* as core code knows it, and the place where the output of agents and programs streams to. */
export class ChannelLog implements Logger, vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel(LOG_CHANNEL, { log: true });
  private readonly output = new BoundedStream((line) => {
    this.channel.info(`│ ${line}`);
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

  /** Logs what an operation does when it is something else than before; a countdown is not. */
  phase(message: string): void {
    const phase = message.replace(/(?<!\d)\d+ s\b/gu, '');
    if (message === '' || phase === this.lastPhase) return;
    this.lastPhase = phase;
    this.endStream(); // what is printed from here on is another program's
    this.channel.info(message);
  }

  /** @param text a piece of output; a line is logged when it is complete, and no more than a log can bear */
  stream(text: string): void {
    this.output.add(text);
  }

  /** Logs what stands after the last line end, and what was left out. */
  endStream(): void {
    this.output.end();
  }

  show(): void {
    this.channel.show(true);
  }
  dispose(): void {
    this.channel.dispose();
  }
}

/** An error with its causes and stacks, for the log only. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
