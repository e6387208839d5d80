import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import type { HumanAgent } from '../../../../src/core/agents/agent';
import type { RunId } from '../../../../src/core/artifacts/runIds';
import { openProject } from '../../../../src/core/openProject';
import { withOperation } from '../../../../src/core/operation';
import type { Operation, Project } from '../../../../src/core/project';
import { startRun } from '../../../../src/core/runs/start';
import { WeldError } from '../../../../src/core/util/errors';
import type { Logger } from '../../../../src/core/util/logger';
import { bundled } from '../../../support/bundles';
import { isolatedGit } from '../../../support/git';
import { makeSample, type Sample, type SampleOptions } from '../../../support/sample';
import { storage } from '../../../support/storage';

for (const [name, value] of Object.entries(isolatedGit())) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

export { bundled };

/** The supervisor, bundled as in the extension. */
export const supervisorPath = (): string => bundled('src/core/process/supervisor/main.ts');

export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-run-')));
  onTestFinished(() => {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

export class ListLog implements Logger {
  readonly lines: string[] = [];
  trace(message: string): void {
    this.lines.push(`trace ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string, error?: unknown): void {
    this.lines.push(`error ${message} ${error instanceof Error ? error.message : ''}`);
  }
}

export interface World extends Sample {
  readonly project: Project;
  readonly log: ListLog;
}

export async function open(top: string, log = new ListLog()): Promise<Project> {
  return openProject(top, { log, supervisorPath: supervisorPath(), storage });
}

/**
 * An opened small repository with one commit. @param folder removed by the caller; default: one that is removed after
 * the test
 */
export async function makeWorld(options: SampleOptions = {}, folder = temporaryFolder()): Promise<World> {
  const sample = await makeSample(path.join(folder, 'repository'), options);
  const log = new ListLog();
  return { ...sample, log, project: await open(sample.top, log) };
}

/** The same, with a run. */
export async function makeRun(
  options: SampleOptions = {},
  start: { readonly skipResearch?: boolean } = { skipResearch: true },
  folder?: string,
): Promise<World & { readonly runId: RunId }> {
  const world = await makeWorld(options, folder);
  const { runId } = await startRun(world.project, { spec: world.spec, name: 'Greetings', ...start });
  return { ...world, runId };
}

export function operate<T>(
  project: Project,
  runId: RunId,
  body: (op: Operation) => Promise<T>,
  more: { readonly command?: string; readonly signal?: AbortSignal; readonly person?: HumanAgent } = {},
): Promise<T> {
  return withOperation(
    project,
    {
      runId,
      command: more.command ?? 'test',
      signal: more.signal ?? new AbortController().signal,
      report: () => undefined,
      ...(more.person && { person: more.person }),
    },
    body,
  );
}

/** All files below a folder, by relative path, with their content; links have their target, folders are empty. */
export function snapshot(
  folder: string,
  leaveOut: (relative: string) => boolean = () => false,
): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name);
      const relative = path.relative(folder, file);
      if (leaveOut(relative)) continue;
      if (entry.isDirectory()) {
        found[`${relative}/`] = '';
        walk(file);
      } else found[relative] = entry.isSymbolicLink() ? `-> ${fs.readlinkSync(file)}` : fs.readFileSync(file, 'latin1');
    }
  };
  walk(folder);
  return found;
}

/** Ends the operation at its n-th check of the lock, like a kill at that moment: nothing is written afterwards. */
export function endingAt(op: Operation, n: number): Operation {
  let looks = 0;
  const assertHeld = (): void => {
    if (++looks >= n) throw new WeldError('LOCK_LOST', 'ended here');
    op.lock.assertHeld();
  };
  return { ...op, lock: Object.create(op.lock, { assertHeld: { value: assertHeld } }) as Operation['lock'] };
}
