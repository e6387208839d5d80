import * as vscode from 'vscode';
import type { HumanAgent } from '../core/agents/agent';
import type { RunId } from '../core/artifacts/runIds';
import { forgetOwnClaims, inspectLock, LockLostError, takeOverLock, watchStopRequests } from '../core/lock';
import type { LockRecord, LockState, RunLock } from '../core/lock/runLock';
import type { Operation, OperationProgress, Project } from '../core/project';
import { isErrno } from '../core/util/errors';
import { FolderWatch } from '../core/util/folderWatch';
import { Batch } from './batch';

/** The lock as the status bar shows it: the state on disk, and the loss that only this window knows of. */
export type LockView =
  | LockState
  | {
      readonly kind: 'lost';
      /** What this window was doing. */
      readonly command: string;
      /** Who displaced this window, if that is known. */
      readonly by?: LockRecord;
    };

export interface WorkRequest {
  readonly runId: RunId;
  /** The text for `active.lock`, such as "step loop 2". */
  readonly command: string;
  /** The command's short name, such as "step loop", and the step that it works on. */
  readonly operation?: string | undefined;
  readonly step?: number | undefined;
  /** Wait for the lock instead of being refused. */
  readonly wait?: boolean;
  readonly signal: AbortSignal;
  readonly report: (progress: OperationProgress) => void;
  readonly person?: HumanAgent;
}

/** The work that this window does under the lock now. */
export interface Work {
  readonly runId: RunId;
  readonly command: string;
  /** Wall-clock ms since 1970. */
  readonly since: number;
  /** The last progress message that it reported. */
  readonly phase: string;
  /** The step that it works on now. */
  readonly step: number | undefined;
}

interface Running {
  readonly work: Omit<Work, 'phase' | 'step'>;
  phase: string;
  step: number | undefined;
  readonly abort: AbortController;
  /** Resolves when the work has ended and the lock is released. */
  readonly released: Promise<void>;
}

const now = ({ work, phase, step }: Running): Work => ({ ...work, phase, step });

const forever = new Promise<never>(() => undefined);

/** Time in ms between two reads of another process's lock, because a process that dies raises no event. */
const POLL_MS = 1000;
/** Time in ms in which file events are gathered, so that one acquisition causes one read. */
const SETTLE_MS = 20;
/** Maximum wait for the lock, in ms: the longest that a timer allows, because the person can cancel. */
const WAIT_MS = 2 ** 31 - 1;

/** The run lock of one repository in this window: its state, the work under it, and events for both. */
export class LockService implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<LockView>();
  readonly onDidChange = this.changed.event;
  private readonly phaseChanged = new vscode.EventEmitter<Work>();
  readonly onDidReport = this.phaseChanged.event;

  /** Restarts the command that this lock refused last; *Wait* calls it when the lock is free. */
  refused: (() => void) | undefined;
  private disk: LockState = { kind: 'free' };
  private lost: (LockView & { kind: 'lost' }) | undefined;
  private readonly running = new Set<Running>();
  private looking: Promise<unknown> = Promise.resolve();
  private poll: NodeJS.Timeout | undefined;
  private disposed = false;
  private closing: Promise<boolean> | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(readonly project: Project) {
    const batch = new Batch(async () => {
      await this.look();
    }, SETTLE_MS);
    const watch = new FolderWatch(() => {
      batch.note();
    });
    watch.add([project.paths.root]);
    this.subscriptions = [
      batch,
      watch,
      vscode.window.onDidChangeWindowState((state) => {
        if (state.focused) batch.note();
      }),
    ];
    batch.note();
  }

  get view(): LockView {
    return this.lost ?? this.disk;
  }
  /** The state on disk, also while `view` shows that this window lost the lock. */
  get onDisk(): LockState {
    return this.disk;
  }
  /** The work of this window under the lock; undefined until the lock is held. */
  get work(): Work | undefined {
    const [first] = this.running;
    return first && now(first);
  }

  /**
   * Runs a changing operation under the lock; there is no other way to run one.
   * @throws WeldError `LOCK_HELD`; then nothing was written
   */
  async operate<T>(request: WorkRequest, body: (operation: Operation) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const forward = (): void => {
      abort.abort();
    };
    request.signal.addEventListener('abort', forward, { once: true });
    if (request.signal.aborted || this.disposed) forward();
    let running: Running | undefined;
    let unwatch = (): void => undefined;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const report = (progress: OperationProgress): void => {
      request.report(progress);
      if (running && progress.step !== undefined) running.step = progress.step;
      if (!running || progress.message === '' || progress.message === running.phase) return;
      running.phase = progress.message;
      this.phaseChanged.fire(now(running));
    };
    const held = (lock: RunLock): void => {
      this.lost = undefined;
      lock.signal.addEventListener(
        'abort',
        () => {
          this.noteLoss(request.command, lock.signal.reason);
        },
        { once: true },
      );
      running = {
        work: { runId: request.runId, command: request.command, since: Date.now() },
        phase: '',
        step: request.step,
        abort,
        released,
      };
      this.running.add(running);
      unwatch = watchStopRequests(lock, forward);
      if (this.disposed || this.closing) forward();
      void this.look();
    };
    try {
      const { withOperation } = await import('../core/operation');
      return await withOperation(
        this.project,
        {
          runId: request.runId,
          command: request.command,
          operation: request.operation,
          step: request.step,
          signal: abort.signal,
          report,
          held,
          ...(request.person && { person: request.person }),
          ...(request.wait && { wait: { timeoutMs: WAIT_MS, signal: abort.signal } }),
        },
        async (operation) => {
          try {
            return await body(operation);
          } finally {
            unwatch();
            if (this.closing && !(await this.closing)) await forever; // a worker survived: the lock must outlive it
          }
        },
      );
    } finally {
      unwatch();
      release();
      request.signal.removeEventListener('abort', forward);
      if (running) this.running.delete(running);
      await this.look();
    }
  }

  /** Asks this window's own work to stop cleanly. @returns false when there is none */
  stop(): boolean {
    for (const running of this.running) running.abort.abort();
    return this.running.size > 0;
  }

  /**
   * Call when the window closes: releases the lock of stopped work once its programs are gone.
   * @param gone resolves to true when no program survived
   */
  async close(gone: Promise<boolean>): Promise<void> {
    this.closing = gone;
    const released = [...this.running].map((running) => running.released);
    if (await gone) await Promise.all(released);
  }

  /**
   * Takes the lock from a holder that does not respond, because a person decided so, and releases it.
   * @param token the token of the holder that the person was shown
   * @throws WeldError `LOCK_TOKEN_CHANGED`
   */
  async takeOver(token: string): Promise<void> {
    const state = await inspectLock(this.project.paths.root);
    const runId = 'holder' in state ? state.holder.run_id : '';
    const lock = await takeOverLock(this.project.paths.root, token, { runId, command: 'lock take over' });
    await lock.release();
    this.lost = undefined;
    await this.look();
  }

  /** Forgets that the lock was lost, once the person has seen it. */
  acknowledge(): void {
    if (!this.lost) return;
    this.lost = undefined;
    this.changed.fire(this.view);
  }

  /** Reads the disk again and notifies listeners of a change. */
  async look(): Promise<LockView> {
    // A read in progress may be older than what the caller knows, so each call reads again, after the one before.
    const look = this.looking.then(() => this.readDisk());
    this.looking = look;
    return look;
  }

  dispose(): void {
    this.disposed = true;
    this.stop();
    forgetOwnClaims(this.project.paths.root);
    clearTimeout(this.poll);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
    this.phaseChanged.dispose();
  }

  private async readDisk(): Promise<LockView> {
    const before = key(this.disk);
    this.disk = await inspectLock(this.project.paths.root).catch((error: unknown): LockState => {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return { kind: 'free' };
      return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
    });
    clearTimeout(this.poll);
    if (this.disposed) return this.view;
    const foreign = this.disk.kind !== 'free' && !(this.disk.kind === 'held' && this.disk.where === 'here');
    if (foreign)
      this.poll = setTimeout(() => {
        void this.look();
      }, POLL_MS);
    if (key(this.disk) !== before) this.changed.fire(this.view);
    return this.view;
  }

  /** @param reason why the lock's signal was aborted */
  private noteLoss(command: string, reason: unknown): void {
    this.lost = { kind: 'lost', command, ...(reason instanceof LockLostError && reason.by && { by: reason.by }) };
    if (!this.disposed) this.changed.fire(this.view);
    void this.look();
  }
}

/** A text that changes when listeners must be notified; a heartbeat does not change it. */
function key(state: LockState): string {
  const holder = 'holder' in state ? state.holder : undefined;
  return JSON.stringify([
    state.kind,
    'where' in state && state.where,
    'why' in state && state.why,
    holder?.pid,
    holder?.token,
    holder?.command,
    holder?.started_at,
  ]);
}
