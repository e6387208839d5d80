import type { RunId } from '../core/artifacts/ids';
import type { IterationPaths, StepPaths } from '../core/artifacts/paths';
import type { GateCondition, Issue } from '../core/artifacts/schemas';
import type { StepState as CoreStep, IterationStateKind, StepStateKind } from '../core/steps/state/types';
import type { Repository } from '../platform/repositories';

export type RunState = 'open' | 'finished' | 'abandoned' | 'damaged';
export type StepState = StepStateKind | 'working';
export type IterationState = IterationStateKind | 'working';

/** Menus pass the row itself to commands, which read these. */
interface Base {
  readonly repository: Repository;
  readonly commandArgs: Readonly<Record<string, unknown>>;
}

export interface RepositoryNode extends Base {
  readonly kind: 'repository';
}
export interface RunNode extends Base {
  readonly kind: 'run';
  readonly runId: RunId;
  readonly state: RunState;
  readonly name: string;
  /** When it was last worked on, wall-clock ms. */
  readonly at: number;
  /** Such as "2 of 5 steps", or what is damaged. */
  readonly note: string;
}
export interface StepNode extends Base {
  readonly kind: 'step';
  readonly runId: RunId;
  readonly n: number;
  readonly title: string;
  readonly state: StepState;
  readonly note: string;
  /** When its latest iteration was last worked on, wall-clock ms; NaN before the first. */
  readonly at: number;
  readonly paths: StepPaths;
  readonly iterations: CoreStep['iterations'];
  /** Its prompts and its record. */
  readonly artifacts: CoreStep['artifacts'];
}
export interface IterationNode extends Base {
  readonly kind: 'iteration';
  readonly runId: RunId;
  readonly step: number;
  readonly n: number;
  readonly state: IterationState;
  readonly note: string;
  readonly at: number;
  readonly paths: IterationPaths;
  readonly gate: readonly GateCondition[];
}
export interface ArtifactNode extends Base {
  readonly kind: 'artifact';
  /** Unique among its siblings. */
  readonly key: string;
  readonly label: string;
  /** Absolute path. */
  readonly file: string;
  readonly icon: string;
  readonly note: string;
}
export interface IssueNode extends Base {
  readonly kind: 'issue';
  readonly issue: Issue;
  readonly key: string;
  /** Absolute path of the file that the issue speaks of, when it names one. */
  readonly file: string | undefined;
}
/** *Show more runs*: a list of thousands is read page by page. */
export interface MoreNode extends Base {
  readonly kind: 'more';
}

export type Node = RepositoryNode | RunNode | StepNode | IterationNode | ArtifactNode | IssueNode | MoreNode;
