import * as path from 'node:path';
import {
  type CheckResult,
  ChecksSummarySchema,
  IssuesFileSchema,
  SpecRefSchema,
  StatusSchema,
} from '../core/artifacts/schemas';
import { readRecord } from '../core/artifacts/store';

import { CHECKS, foundWords, warningsOf } from '../core/steps/conditions/judgeCondition';
import { isFile } from '../core/util/files';
import { counted } from '../ui/format';
import { failureNote } from './checkProblems';
import type { ArtifactNode, IssueNode, IterationNode, Node, RunNode, StepNode } from './model';

/** The existing files of a run that a person reads, in the order in which a run writes them. */
export async function runArtifacts(run: RunNode): Promise<Node[]> {
  const { project } = run.repository;
  const paths = project.paths.run(run.runId);
  const spec = await readRecord(paths.specRef, SpecRefSchema).catch(() => null);
  const final = await isFile(paths.planFinal);
  return existingArtifacts(run, [
    ...(spec
      ? [{ label: 'Specification', file: spec.absolute_path, icon: 'book', note: path.basename(spec.absolute_path) }]
      : []),
    { label: 'Research', file: paths.researchAnswer, icon: 'search' },
    {
      label: 'Plan',
      file: final ? paths.planFinal : paths.planRaw,
      icon: 'list-ordered',
      note: final ? 'reviewed' : '',
    },
    { label: 'Plan Review', file: paths.reviewOutput, icon: 'checklist' },
    { label: 'Summary', file: paths.summary, icon: 'note' },
    { label: 'Commit Message', file: paths.commitMessage, icon: 'git-commit' },
  ]);
}

/** The files of an iteration: its changes, each check, the review and the verdict; then its issues. */
export async function artifactsOf(node: IterationNode): Promise<Node[]> {
  const { paths } = node;
  const [checks, issues, status] = await Promise.all([
    readRecord(paths.checksSummary, ChecksSummarySchema).catch(() => null),
    readRecord(paths.issues, IssuesFileSchema).catch(() => null),
    readRecord(paths.status, StatusSchema).catch(() => null),
  ]);
  const outputs = await Promise.all(
    Object.values(checks?.categories ?? {}).map((result) =>
      checkOutput(node, result, status?.failed_before?.includes(result.category) === true),
    ),
  );
  const files = await existingArtifacts(node, [
    { label: 'Changes', file: paths.diff, icon: 'diff' },
    ...outputs,
    {
      label: 'Review',
      file: paths.review,
      icon: 'comment-discussion',
      note: issues ? counted(issues.issues.length, 'issue') : '',
    },
    {
      label: 'Verdict',
      file: paths.status,
      icon: 'law',
      note: [
        ...node.gate.filter((condition) => !condition.ok).map((condition) => condition.why),
        ...warningsOf(node.gate),
        ...(status?.notices ?? []),
      ].join('; '),
    },
  ]);
  const rows = (issues?.issues ?? []).map(
    (issue, at): IssueNode => ({
      kind: 'issue',
      repository: node.repository,
      issue,
      key: `${node.runId}|${node.step}|${node.n}|${issue.id ?? at}`,
      file: issue.file === '' ? undefined : path.join(node.repository.project.top, issue.file),
      commandArgs: { ...node.commandArgs, ...(issue.id !== undefined && { issue: issue.id }) },
    }),
  );
  return [...files, ...conditionRows(node), ...rows];
}

/** The output of a check. A failed one is red and says how many problems it names. */
async function checkOutput(node: IterationNode, result: CheckResult, failedBefore: boolean): Promise<Candidate> {
  const { category, passed, flaky } = result;
  const file = node.paths.check(category);
  const label = `Check ${category}`;
  if (passed) return { label, file, icon: 'pass', note: flaky === true ? 'passed when run again (flaky)' : 'passed' };
  const note = await failureNote(node.repository.project.top, file, result, failedBefore);
  return { label, file, icon: 'error', note };
}

/** Shows findings of the gate's conditions as issues, because they are waived in the same way. */
function conditionRows(node: IterationNode): IssueNode[] {
  return node.gate.flatMap((condition): IssueNode[] => {
    const { condition: name, found, ok, waived } = condition;
    const [first] = found ?? [];
    if (!found || !first) return [];
    const file = name === CHECKS ? '' : first.path;
    return [
      {
        kind: 'issue',
        repository: node.repository,
        key: `${node.runId}|${node.step}|${node.n}|condition|${name}`,
        issue: {
          id: name,
          severity: ok ? 'minor' : 'blocker',
          file,
          hint: `${name === CHECKS ? 'checks' : name}: ${foundWords(found)}`,
          ...(waived && { waived }),
        },
        file: file === '' ? undefined : path.join(node.repository.project.top, file),
        commandArgs: { ...node.commandArgs, issue: name },
      },
    ];
  });
}

/** The prompts and the record of a step. */
export function stepArtifacts(step: StepNode): ArtifactNode[] {
  return step.artifacts.map(
    ({ label, path: file }): ArtifactNode => ({
      kind: 'artifact',
      repository: step.repository,
      key: `step|${label}`,
      label: label.charAt(0).toUpperCase() + label.slice(1),
      file,
      icon: label.includes('prompt') ? 'note' : 'json',
      note: '',
      commandArgs: { ...step.commandArgs, path: file },
    }),
  );
}

interface Candidate {
  readonly label: string;
  readonly file: string;
  readonly icon: string;
  readonly note?: string;
}

async function existingArtifacts(
  node: RunNode | IterationNode,
  candidates: readonly Candidate[],
): Promise<ArtifactNode[]> {
  const there = await Promise.all(candidates.map((one) => isFile(one.file)));
  return candidates
    .filter((_, at) => there[at])
    .map(
      (one): ArtifactNode => ({
        kind: 'artifact',
        repository: node.repository,
        key: `${node.kind}|${one.label}`,
        label: one.label,
        file: one.file,
        icon: one.icon,
        note: one.note ?? '',
        commandArgs: { ...node.commandArgs, path: one.file },
      }),
    );
}
