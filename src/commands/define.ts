import type * as z from 'zod';
import type { RunId } from '../core/artifacts/runIds';
import type { Programs } from '../core/process/ports';
import type { Operation, OperationProgress, Project } from '../core/project';
import type { CommandId } from '../ids';
import type { CommandArgs } from '../platform/invoke';
import type { ChannelLog } from '../platform/log';
import type { Repositories, Repository } from '../platform/repositories';
import type { Memory } from '../platform/window';
import type { EditorPerson } from '../ui/person';
import type { VirtualDocuments } from '../ui/virtualDocuments';

/**
 * The kind of a command decides what its `run` receives:
 * - `window`: the services, but no repository
 * - `reads`: a project
 * - `starts`: a project, for writes that need no lock (init, run start)
 * - `changes`: an operation, which exists only while the lock is held
 */
export type Kind = 'window' | 'reads' | 'starts' | 'changes';

/** The surroundings of a command while it asks, and after it has run. */
export interface Context {
  readonly services: Services;
  readonly repository: Repository;
}

/** What a running command may use besides its project or operation. */
export interface RunContext extends Context {
  /** The command must not ask or show anything. */
  readonly silent: boolean;
  readonly signal: AbortSignal;
  /** Saves unsaved editors before a phase reads the work tree; asks the person once. */
  readonly saveEditors: () => Promise<void>;
  readonly report: (progress: OperationProgress) => void;
}

interface Base<A extends z.ZodObject, R, C> {
  readonly id: CommandId;
  /** The schema that checks the arguments before anything happens; the wrapper adds `folder` and `silent`. */
  readonly args: A;
  /** Interactive only: asks for missing arguments. @returns undefined when the person cancelled */
  readonly ask?: (context: C, given: Partial<z.input<A>>) => Promise<z.input<A> | undefined>;
  /** Interactive only: shows the result. */
  readonly done?: (context: C, args: z.output<A>, result: R) => unknown;
}

export interface WindowCommand<A extends z.ZodObject, R> extends Base<A, R, { readonly services: Services }> {
  readonly kind: 'window';
  readonly run: (services: Services, args: z.output<A>, silent: boolean) => Promise<R>;
}

interface InRepository<A extends z.ZodObject, R> extends Base<A, R, Context> {
  /** The title of its progress notification; default: "Weld". */
  readonly progress?: (args: z.output<A>) => string;
}

export interface ProjectCommand<A extends z.ZodObject, R> extends InRepository<A, R> {
  readonly kind: 'reads' | 'starts';
  readonly run: (project: Project, args: z.output<A>, context: RunContext) => Promise<R>;
}

export interface ChangingCommand<A extends z.ZodObject, R> extends InRepository<A, R> {
  readonly kind: 'changes';
  /** What `active.lock` says about the command. */
  readonly lock: (args: z.output<A>) => {
    readonly runId: RunId;
    readonly operation: string;
    readonly step?: number | undefined;
  };
  /** The command reads the work tree, so unsaved editors are saved first, once the lock is held. */
  readonly readsTree?: boolean;
  readonly run: (operation: Operation, args: z.output<A>, context: RunContext) => Promise<R>;
}

/** A command without its type parameters, as the registration needs it. */
export interface Command {
  readonly id: CommandId;
  readonly kind: Kind;
  readonly spec: AnySpec;
}

/** The wrapper parses the arguments with the command's own schema, so `run` receives what it declared. */
export type AnySpec =
  | WindowCommand<z.ZodObject, unknown>
  | ProjectCommand<z.ZodObject, unknown>
  | ChangingCommand<z.ZodObject, unknown>;

/** Refuses at compile time a schema that differs from the command's entry in `CommandArgs`. */
type Declared<K extends CommandId, A extends z.ZodObject> =
  Same<z.input<A>, CommandArgs[K]> extends true
    ? unknown
    : { readonly args: { readonly 'differs from CommandArgs': CommandArgs[K] } };
type Flat<T> = { [P in keyof T]: T[P] };
type Same<A, B> = (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false;

type Spec<S extends { readonly kind: Kind }, K extends CommandId, A extends z.ZodObject> = Omit<S, 'kind' | 'id'> & {
  readonly id: K;
} & Declared<K, A>;

/** Removes the type parameters of a command; the wrapper keeps the types true by parsing the arguments. */
const define = (kind: Kind, spec: { readonly id: CommandId }): Command => ({
  id: spec.id,
  kind,
  spec: { ...spec, kind } as unknown as AnySpec,
});

/** A command that needs no repository. */
export function windowCommand<K extends CommandId, A extends z.ZodObject, R>(
  spec: Spec<WindowCommand<A, R>, K, A>,
): Command {
  return define('window', spec);
}

/** A command that reads a repository. */
export function readingCommand<K extends CommandId, A extends z.ZodObject, R>(
  spec: Spec<ProjectCommand<A, R>, K, A>,
): Command {
  return define('reads', spec);
}

/** A command that writes to a repository, but needs no lock. */
export function startingCommand<K extends CommandId, A extends z.ZodObject, R>(
  spec: Spec<ProjectCommand<A, R>, K, A>,
): Command {
  return define('starts', spec);
}

/** A command that changes a run, while it holds the run lock. */
export function changingCommand<K extends CommandId, A extends z.ZodObject, R>(
  spec: Spec<ChangingCommand<A, R>, K, A>,
): Command {
  return define('changes', spec);
}

/** The services that commands use; `src/app.ts` creates them. */
export interface Services {
  readonly repositories: Repositories;
  /** Starts programs where no repository is open. */
  readonly programs: () => Promise<Programs>;
  /** Absolute path of the extension's global storage. */
  readonly storage: string;
  readonly log: ChannelLog;
  readonly memory: Memory;
  readonly person: EditorPerson;
  readonly documents: VirtualDocuments;
  /** Updates the tree, the problems and the welcome after the state of a run has changed. */
  readonly refresh: () => void;
  /** Shows one more page of a repository's runs in the tree. */
  readonly showMoreRuns: (top: string) => void;
  /** Called when an operation reports progress. */
  readonly onReport: () => void;
}
