import { AgentFailedError } from '../core/agents/agent';
import type { Operation } from '../core/project';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import type { Repository } from '../platform/repositories';
import { assertTrusted } from '../platform/window';
import { agentHelp } from '../ui/agentHelp';
import { announce, asWeldError, showError } from '../ui/messages';
import { type Progress, withProgress } from '../ui/progress';
import { editorSaver } from '../ui/saveEditors';
import { askRepository } from './askFor';
import type { AnySpec, Command, RunContext, Services } from './define';
import { check, type Input, readInput } from './input';

type RepositorySpec = Exclude<AnySpec, { kind: 'window' }>;

/** Runs a command: silently for code, or with questions, progress and a message for the person. */
export async function execute(command: Command, services: Services, raw: readonly unknown[]): Promise<unknown> {
  let input: Input | undefined;
  try {
    input = readInput(raw, (file) => services.repositories.holds(file));
    const { spec } = command;
    if (spec.kind === 'window') return await runInWindow(spec, services, input);
    assertTrusted();
    return input.silent ? await runSilently(spec, services, input) : await runInteractively(spec, services, input);
  } catch (error) {
    const known = asWeldError(error);
    if (input?.silent) {
      services.log.trace(`${command.id}: ${known.code}: ${known.message}`);
      throw known;
    }
    showError(services.log, error);
    return undefined;
  }
}

async function runInWindow(spec: AnySpec & { kind: 'window' }, services: Services, input: Input): Promise<unknown> {
  let given = { ...input.given, ...(input.folder !== undefined && { folder: input.folder }) };
  if (!input.silent && spec.ask) {
    const answered = await spec.ask({ services }, given);
    if (!answered) return undefined;
    given = answered;
  }
  const args = check(spec.args, given);
  const result = await spec.run(services, args, input.silent);
  if (!input.silent) await spec.done?.({ services }, args, result);
  return result;
}

async function runSilently(spec: RepositorySpec, services: Services, input: Input): Promise<unknown> {
  const args = check(spec.args, input.given);
  const repository = await services.repositories.resolve(input.folder);
  if (spec.kind === 'changes') remember(services, repository.project.top, args);
  const progress: Progress = {
    signal: new AbortController().signal,
    report: (progress) => {
      logStream(services, progress.stream);
    },
  };
  return runCommand(spec, services, repository, args, progress, { silent: true, wait: false });
}

async function runInteractively(spec: RepositorySpec, services: Services, input: Input): Promise<unknown> {
  const repository = await askRepository(services, input.folder);
  if (!repository) return undefined;
  const context = { services, repository };
  check(spec.args.partial(), input.given);
  const answered = spec.ask ? await spec.ask(context, input.given) : input.given;
  if (!answered) return undefined;
  return runWithProgress(spec, services, repository, check(spec.args, answered), false);
}

/** @param wait whether to wait for the lock, after it was refused once */
async function runWithProgress(
  spec: RepositorySpec,
  services: Services,
  repository: Repository,
  args: Record<string, unknown>,
  wait: boolean,
): Promise<unknown> {
  const { log } = services;
  const { top } = repository.project;
  remember(services, top, args);
  try {
    const result = await withProgress(
      spec.progress?.(args) ?? 'Weld',
      (progress) => {
        logStream(services, progress.stream);
      },
      (progress) => runCommand(spec, services, repository, args, progress, { silent: false, wait }),
    );
    await spec.done?.({ services, repository }, args, result);
    return result;
  } catch (error) {
    const again = (wait: boolean) => (): void => {
      void runWithProgress(spec, services, repository, args, wait).catch((later: unknown) => {
        showError(log, later);
      });
    };
    if (error instanceof AgentFailedError && error.code !== 'CANCELLED') {
      showError(log, error, agentHelp(error.failure, top, again(false)));
      return undefined;
    }
    if (asWeldError(error).code !== 'LOCK_HELD' || wait) throw error;
    log.info(asWeldError(error).message);
    repository.locks.refused = again(true);
    announce('warning', asWeldError(error).message, [
      { title: 'Wait', run: again(true) },
      button('Show', COMMANDS.lockShow, { folder: top }),
    ]);
    return undefined;
  }
}

interface Mode {
  readonly silent: boolean;
  readonly wait: boolean;
}

async function runCommand(
  spec: RepositorySpec,
  services: Services,
  repository: Repository,
  args: Record<string, unknown>,
  progress: Progress,
  mode: Mode,
): Promise<unknown> {
  const { project, locks } = repository;
  const saveEditors = editorSaver(project.top, mode.silent);
  const context: RunContext = {
    services,
    repository,
    saveEditors,
    silent: mode.silent,
    signal: progress.signal,
    report: (report) => {
      progress.report(report);
    },
  };
  try {
    if (spec.kind !== 'changes') return await spec.run(project, args, context);
    const { runId, operation, step } = spec.lock(args);
    if (mode.wait) progress.report({ message: 'waiting for the run lock' });
    return await locks.operate(
      {
        runId,
        command: step === undefined ? operation : `${operation} ${step}`,
        operation,
        step,
        wait: mode.wait,
        signal: progress.signal,
        report: (report) => {
          progress.report(report);
          services.log.phase(report.message);
          services.onReport();
        },
        ...(!mode.silent && { person: services.person }),
      },
      async (held: Operation) => {
        if (spec.readsTree) await saveEditors(); // under the lock, because a refused command must not write
        return spec.run(held, args, context);
      },
    );
  } finally {
    services.log.endStream();
    if (spec.kind !== 'reads') services.refresh();
  }
}

/** Remembers the current run and step: questions offer them first, and the Problems panel shows their issues. */
function remember({ memory }: Services, top: string, args: Record<string, unknown>): void {
  if (typeof args['runId'] === 'string')
    memory.remember(top, args['runId'], typeof args['step'] === 'number' ? args['step'] : undefined);
}

function logStream(services: Services, text: string | undefined): void {
  if (text !== undefined) services.log.stream(text);
}
