import type { IterationPaths, StepPaths } from '../core/artifacts/paths';
import type { RunId } from '../core/artifacts/runIds';
import type { GateCondition, Issue } from '../core/artifacts/schemas';
import { REMAINING_STEPS } from '../core/lock/runLock';
import type { RunRow } from '../core/runs/shownRuns';
import { isWarning } from '../core/steps/conditions/judgeCondition';
import {
  type IterationState,
  type IterationStateKind,
  interruptedWords,
  type StepState,
  type StepStateKind,
} from '../core/steps/state/states';
import type { LockService } from '../platform/lockService';
import type { Repository } from '../platform/repositories';
import { counted, joined, runName } from '../ui/format';

/** The node of a run's row. */
export function runNode(repository: Repository, row: RunRow): RunNode {
  const { project } = repository;
  return {
    kind: 'run',
    repository,
    runId: row.id,
    state: row.state,
    name: runName(row.id),
    at: row.at,
    note: runNote(row),
    commandArgs: { folder: project.top, runId: row.id, path: project.paths.run(row.id).root },
  };
}

function runNote({ state, commits, why }: RunRow): string {
  if (state === 'damaged') return why;
  if (state === 'abandoned') return 'abandoned';
  return commits > 0 ? counted(commits, 'commit') : '';
}

/** The nodes of a run's steps. A step whose command runs now, in any process, has the state `working`. */
export function stepNodes(run: RunNode, steps: readonly StepState[]): StepNode[] {
  const { project, locks } = run.repository;
  const paths = project.paths.run(run.runId);
  return steps.map((step): StepNode => {
    const working = isWorkedOn(locks, run.runId, step.n);
    return {
      kind: 'step',
      repository: run.repository,
      runId: run.runId,
      n: step.n,
      title: step.title,
      state: working ? 'working' : step.state,
      note: stepNote(step, working),
      at: Date.parse(step.iterations.at(-1)?.updatedAt ?? ''),
      paths: paths.step(step.key),
      iterations: step.iterations,
      artifacts: step.artifacts,
      commandArgs: { ...run.commandArgs, step: step.n },
    };
  });
}

/** The iterations of a step, latest first, because a person mostly wants to see that one. */
export function iterationNodes(step: StepNode): IterationNode[] {
  const latest = step.iterations.at(-1);
  return step.iterations
    .map((iteration): IterationNode => {
      const working = step.state === 'working' && iteration === latest;
      return {
        kind: 'iteration',
        repository: step.repository,
        runId: step.runId,
        step: step.n,
        n: iteration.n,
        paths: step.paths.iteration(iteration.n),
        gate: iteration.gate,
        state: working && iteration.state === 'unfinished' ? 'working' : iteration.state,
        note: iterationNote(iteration, working),
        at: Date.parse(iteration.updatedAt ?? ''),
        commandArgs: { ...step.commandArgs, iteration: iteration.n },
      };
    })
    .reverse();
}

/** True while this window or another process runs a command of this step, such as its loop. */
function isWorkedOn(locks: LockService, runId: string, step: number): boolean {
  const work = workedOn(locks);
  return work?.runId === runId && work.step === step;
}

/** The step whose command runs now, in any process; of several steps in one go only this window's is known. */
export function workedOn({ view, work }: LockService): Work | undefined {
  if (view.kind !== 'held') return undefined;
  const { run_id: runId, operation } = view.holder;
  if (operation !== REMAINING_STEPS && operation?.startsWith('step ') !== true) return undefined;
  const step = view.holder.step ?? work?.step;
  return step === undefined ? undefined : { runId, step };
}

export interface Work {
  readonly runId: string;
  readonly step: number;
}

const STATE_WORDS: Record<StepState['state'], string> = {
  'not-selected': '',
  selected: 'selected',
  'in-progress': 'interrupted',
  failed: 'not passed',
  passed: 'passed',
  committed: 'committed',
  skipped: 'skipped',
  damaged: 'damaged',
  'passed-elsewhere': 'passed elsewhere, not accepted',
  'changed-since': 'changed since it passed',
  'passed-by-0.1': 'passed by Weld 0.1, not accepted',
};

function stepNote(step: StepState, working: boolean): string {
  const iterations = step.iterations.length === 0 ? '' : counted(step.iterations.length, 'iteration');
  const left = step.line === null ? 'no longer in the plan' : '';
  const accepted = !working && step.state === 'passed' && step.iterations.at(-1)?.accepted ? 'accepted' : '';
  const state = step.state === 'in-progress' ? interruptedWords(step.iterations.at(-1)) : STATE_WORDS[step.state];
  return joined([working ? 'in progress' : state, accepted, iterations, left]);
}

function iterationNote(iteration: IterationState, working: boolean): string {
  if (iteration.state === 'unfinished') return working ? (iteration.phase ?? '') : interruptedWords(iteration);
  const issues = iteration.issues.open > 0 ? counted(iteration.issues.open, 'issue') : '';
  const waived = iteration.issues.waived > 0 ? `${iteration.issues.waived} waived` : '';
  const accepted = iteration.accepted ? `accepted: ${iteration.accepted.reason}` : '';
  const warned = iteration.gate.filter(isWarning).length;
  const warnings = warned > 0 ? counted(warned, 'warning') : '';
  return joined([iteration.why ?? iteration.state, accepted, issues, waived, warnings]);
}

export type RunState = RunRow['state'];
export type ShownStep = StepStateKind | 'working';
export type ShownIteration = IterationStateKind | 'working';

/** Menus pass the node itself to commands, which read `commandArgs`. */
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
  /** The Unix time of the last work on it, in ms. */
  readonly at: number;
  /** Shown beside the name, such as "2 commits", or what is damaged. */
  readonly note: string;
}
export interface StepNode extends Base {
  readonly kind: 'step';
  readonly runId: RunId;
  readonly n: number;
  readonly title: string;
  readonly state: ShownStep;
  readonly note: string;
  /** The Unix time of the last work on its latest iteration, in ms; NaN before the first. */
  readonly at: number;
  readonly paths: StepPaths;
  readonly iterations: StepState['iterations'];
  /** Its prompts and record. */
  readonly artifacts: StepState['artifacts'];
}
export interface IterationNode extends Base {
  readonly kind: 'iteration';
  readonly runId: RunId;
  readonly step: number;
  readonly n: number;
  readonly state: ShownIteration;
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
  /** Absolute path of the file that the issue names, if any. */
  readonly file: string | undefined;
}
/** What comes next in a run; a click does it. */
export interface NextNode extends Base {
  readonly kind: 'next';
  readonly runId: RunId;
  readonly name: string;
  /** One sentence. */
  readonly message: string;
}
/** *Show More Runs*: a list of thousands of runs is read page by page. */
export interface MoreNode extends Base {
  readonly kind: 'more';
}

export type Node = RepositoryNode | RunNode | StepNode | IterationNode | ArtifactNode | IssueNode | NextNode | MoreNode;
