import * as vscode from 'vscode';

import { CHECKS, warningsOf } from '../core/steps/conditions/judgeCondition';
import type { UnprovenKind } from '../core/steps/state/states';
import { COMMANDS, VIEWS } from '../ids';
import { link } from '../platform/invoke';
import { ago, joined } from '../ui/format';
import type {
  ArtifactNode,
  IssueNode,
  IterationNode,
  Node,
  RunNode,
  RunState,
  ShownIteration,
  ShownStep,
  StepNode,
} from './model';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
const icon = (id: string, colour?: string): vscode.ThemeIcon =>
  new vscode.ThemeIcon(id, colour === undefined ? undefined : new vscode.ThemeColor(colour));

const RUN_ICONS: Record<RunState, vscode.ThemeIcon> = {
  open: icon('circle-large-outline', 'charts.blue'),
  finished: icon('pass-filled', 'testing.iconPassed'),
  abandoned: icon('circle-slash', 'disabledForeground'),
  damaged: icon('warning', 'problemsWarningIcon.foreground'),
};
const UNPROVEN_ICONS: Record<UnprovenKind, vscode.ThemeIcon> = {
  'passed-elsewhere': icon('question', 'charts.yellow'),
  'changed-since': icon('warning', 'problemsWarningIcon.foreground'),
  'passed-by-0.1': icon('question', 'charts.yellow'),
};
const STEP_ICONS: Record<ShownStep, vscode.ThemeIcon> = {
  'not-selected': icon('circle-outline'),
  selected: icon('target', 'charts.blue'),
  working: icon('sync~spin', 'charts.blue'),
  failed: icon('error', 'testing.iconFailed'),
  'in-progress': icon('debug-pause', 'charts.yellow'),
  passed: icon('pass', 'testing.iconPassed'),
  committed: icon('pass-filled', 'testing.iconPassed'),
  damaged: icon('warning', 'problemsWarningIcon.foreground'),
  skipped: icon('debug-step-over', 'disabledForeground'),
  ...UNPROVEN_ICONS,
};
const ITERATION_ICONS: Record<ShownIteration, vscode.ThemeIcon> = {
  working: icon('sync~spin', 'charts.blue'),
  passed: icon('pass', 'testing.iconPassed'),
  failed: icon('error', 'testing.iconFailed'),
  unfinished: icon('debug-pause', 'charts.yellow'),
  damaged: icon('warning', 'problemsWarningIcon.foreground'),
  ...UNPROVEN_ICONS,
};
/** By icon: a check that has failed. */
const ARTIFACT_COLOURS: Readonly<Record<string, string>> = { error: 'testing.iconFailed' };
const SEVERITY_ICONS = {
  blocker: icon('error', 'problemsErrorIcon.foreground'),
  major: icon('warning', 'problemsWarningIcon.foreground'),
  minor: icon('info', 'problemsInfoIcon.foreground'),
};

/** Creates the tree item of a node. @param now Unix time in ms, for ages */
export function treeItem(node: Node, now: number): vscode.TreeItem {
  switch (node.kind) {
    case 'repository':
      return row({
        id: node.repository.project.top,
        label: node.repository.name,
        icon: icon('repo'),
        state: Expanded,
        context: 'repository',
        spoken: `Repository ${node.repository.name}`,
      });
    case 'run':
      return runItem(node, now);
    case 'step':
      return stepItem(node, now);
    case 'iteration':
      return iterationItem(node, now);
    case 'artifact':
      return artifactItem(node);
    case 'issue':
      return issueItem(node);
    case 'next':
      return row({
        id: `${node.repository.project.top}|next`,
        label: `Next: ${node.message.replace(' comes next', '').replace(/\.$/u, '')}`,
        description: node.name,
        tooltip: `${node.message} Choose it to continue the run ${node.name}.`,
        icon: icon('arrow-circle-right', 'charts.blue'),
        state: None,
        context: 'next',
        spoken: `Next in run ${node.name}: ${node.message}`,
        command: { command: COMMANDS.runContinue, title: 'Continue', arguments: [node] },
      });
    case 'more':
      return row({
        id: `${node.repository.project.top}|more`,
        label: 'Show More Runs',
        icon: icon('ellipsis'),
        state: None,
        context: 'more',
        spoken: 'Show more runs',
        command: { command: COMMANDS.showMoreRuns, title: 'Show More', arguments: [node] },
      });
  }
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly icon: vscode.ThemeIcon;
  readonly state: vscode.TreeItemCollapsibleState;
  readonly context: string;
  /** The text for screen readers. */
  readonly spoken: string;
  readonly command?: vscode.Command;
}

function row(row: Row): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, row.state);
  item.id = `${VIEWS.runs}|${row.id}`;
  if (row.description !== undefined) item.description = row.description;
  item.tooltip = row.tooltip ?? row.spoken;
  item.iconPath = row.icon;
  item.contextValue = row.context;
  item.accessibilityInformation = { label: row.spoken };
  if (row.command) item.command = row.command;
  return item;
}

function runItem(node: RunNode, now: number): vscode.TreeItem {
  const notes = [node.note, ago(node.at, now)];
  return row({
    id: `${node.repository.project.top}|${node.runId}`,
    label: node.name,
    description: joined(notes),
    tooltip: `${node.runId}\n${node.state}${node.note === '' ? '' : `: ${node.note}`}`,
    icon: RUN_ICONS[node.state],
    state: node.state === 'damaged' ? None : Collapsed,
    context: `run.${node.state}`,
    spoken: joined([`Run ${node.name}`, node.state, ...notes], ', '),
    ...(node.state === 'damaged' && {
      command: link('Open', COMMANDS.openArtifact, { path: node.repository.project.paths.run(node.runId).meta }),
    }),
  });
}

/** The context of a step without an iteration ends with `.untried`, so that menus leave out what needs one. */
function stepItem(node: StepNode, now: number): vscode.TreeItem {
  const notes = [node.note, ago(node.at, now)];
  return row({
    id: `${node.repository.project.top}|${node.runId}|${node.n}`,
    label: `${node.n} ${node.title}`,
    description: joined(notes),
    tooltip: `Step ${node.n}: ${node.title}\n${node.state}${node.note === '' ? '' : `: ${node.note}`}`,
    icon: STEP_ICONS[node.state],
    state: node.iterations.length + node.artifacts.length > 0 ? Collapsed : None,
    context: `step.${node.state}${isAccepted(node) ? '-accepted' : ''}${node.iterations.length > 0 ? '' : '.untried'}`,
    spoken: joined([`Step ${node.n}`, node.title, node.state, ...notes], ', '),
  });
}

/** Whether the step counts as passed because a person accepted it; the acceptance can be removed. */
function isAccepted({ state, iterations }: StepNode): boolean {
  return state === 'passed' && !!iterations.at(-1)?.accepted;
}

function iterationItem(node: IterationNode, now: number): vscode.TreeItem {
  const failed = node.gate.filter((condition) => !condition.ok).map((condition) => `✗ ${condition.why}`);
  const warned = warningsOf(node.gate).map((why) => `⚠ ${why}`);
  const notes = [node.note, ago(node.at, now)];
  return row({
    id: `${node.repository.project.top}|${node.runId}|${node.step}|${node.n}`,
    label: `Iteration ${node.n}`,
    description: joined(notes),
    tooltip: [`Iteration ${node.n}: ${node.state}`, ...failed, ...warned].join('\n'),
    icon: ITERATION_ICONS[node.state],
    state: Collapsed,
    context: `iteration.${node.state}`,
    spoken: joined([`Iteration ${node.n}`, node.state, ...notes], ', '),
    command: { command: COMMANDS.stepShowChanges, title: 'Show Changes', arguments: [node] },
  });
}

function artifactItem(node: ArtifactNode): vscode.TreeItem {
  return row({
    id: `${node.file}|${node.key}`,
    label: node.label,
    description: node.note,
    tooltip: node.repository.project.paths.relative(node.file),
    icon: icon(node.icon, ARTIFACT_COLOURS[node.icon]),
    state: None,
    context: 'artifact',
    spoken: node.note === '' ? node.label : `${node.label}, ${node.note}`,
    command: link('Open', COMMANDS.openArtifact, { path: node.file }),
  });
}

function issueItem({ issue, file, key, repository }: IssueNode): vscode.TreeItem {
  const waived = issue.waived ? ` (waived: ${issue.waived.reason})` : '';
  const where = issue.file === '' ? '' : `${issue.file}${issue.line ? `:${issue.line}` : ''}`;
  return row({
    id: `${repository.project.top}|${key}`,
    label: issue.hint,
    description: where,
    tooltip: `${issue.severity}: ${issue.hint}${waived}${issue.maps_to ? `\nCriterion: ${issue.maps_to}` : ''}`,
    icon: issue.waived ? icon('check', 'disabledForeground') : SEVERITY_ICONS[issue.severity],
    state: None,
    context: issue.waived ? 'issue.waived' : issue.id === CHECKS ? 'check.failed' : 'issue.open',
    spoken: `${issue.severity} issue${waived}: ${issue.hint}${where === '' ? '' : `, in ${where}`}`,
    ...(file !== undefined && {
      command: link('Open', COMMANDS.openArtifact, { path: file, ...(issue.line && { line: issue.line }) }),
    }),
  });
}
