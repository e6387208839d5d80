import type * as vscode from 'vscode';
import { isRunId, type RunId } from '../core/artifacts/ids';

/** What this window remembers of each repository between sessions: the run and step that the person worked on last. */
export class Memory {
  constructor(private readonly state: vscode.Memento) {}

  lastRun(top: string): RunId | undefined {
    const id = this.state.get<string>(`lastRun:${top}`);
    return id !== undefined && isRunId(id) ? id : undefined;
  }

  lastStep(top: string, run: string): number | undefined {
    return this.state.get<number>(`lastStep:${top}:${run}`);
  }

  remember(top: string, run: string, step?: number): void {
    if (this.state.get(`lastRun:${top}`) !== run) void this.state.update(`lastRun:${top}`, run);
    const key = `lastStep:${top}:${run}`;
    if (step !== undefined && this.state.get(key) !== step) void this.state.update(key, step);
  }
}
