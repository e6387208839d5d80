import * as path from 'node:path';
import * as vscode from 'vscode';
import { isInside } from '../core/artifacts/inside';
import type { RunId } from '../core/artifacts/runIds';
import { type Issue, IssuesFileSchema } from '../core/artifacts/schemas';
import { readRecord } from '../core/artifacts/store';
import type { Project } from '../core/project';
import type { RunWithSteps } from '../core/runs/listRuns';
import { COMMANDS, type CommandId, DIAGNOSTIC_SOURCE } from '../ids';
import { Batch } from '../platform/batch';
import { type Call, link } from '../platform/invoke';
import type { Repositories, Repository } from '../platform/repositories';
import type { Memory } from '../platform/window';
import { checkDiagnostics } from './checkProblems';

/** The position of an issue in its run, for the quick fixes. */
export interface IssuePlace {
  readonly folder: string;
  readonly runId: RunId;
  readonly step: number;
  readonly iteration: number;
  readonly issue: string;
}

/** A review issue in the Problems panel. */
export class IssueDiagnostic extends vscode.Diagnostic {
  constructor(
    range: vscode.Range,
    issue: Issue,
    readonly place: IssuePlace,
  ) {
    super(range, issue.hint, SEVERITIES[issue.severity]);
    this.source = DIAGNOSTIC_SOURCE;
    this.code = issue.maps_to ? `criterion ${issue.maps_to}` : issue.severity;
  }
}

const SEVERITIES: Record<Issue['severity'], vscode.DiagnosticSeverity> = {
  blocker: vscode.DiagnosticSeverity.Error,
  major: vscode.DiagnosticSeverity.Warning,
  minor: vscode.DiagnosticSeverity.Information,
};

/** The least time between two updates, in ms, so that an agent's progress costs little. */
const GAP_MS = 600;

/**
 * Shows in the Problems panel the open issues of the current step's latest iteration, with quick fixes, and what failed
 * checks have found.
 */
export class Problems implements vscode.CodeActionProvider, vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('weld.issues');
  private readonly batch = new Batch(() => this.update(), undefined, GAP_MS);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly repositories: Repositories,
    private readonly memory: Memory,
  ) {
    this.subscriptions = [
      this.collection,
      this.batch,
      vscode.languages.registerCodeActionsProvider({ scheme: 'file' }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
    ];
  }

  refresh(): void {
    this.batch.note();
  }

  provideCodeActions(
    _document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    return context.diagnostics.flatMap((diagnostic) => {
      const place = this.placeOf(diagnostic, _document.uri);
      if (!place) return [];
      const { issue, ...step } = place;
      return [
        action(
          'Fix in next iteration',
          COMMANDS.issueFix,
          { folder: step.folder, runId: step.runId, step: step.step },
          diagnostic,
        ),
        action('Waive with reason…', COMMANDS.issueWaive, { ...step, issue }, diagnostic),
        action('Open review', COMMANDS.stepOpenReview, step, diagnostic),
      ];
    });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** The editor passes copies of diagnostics, so the original is found by its message and range. */
  private placeOf(diagnostic: vscode.Diagnostic, uri: vscode.Uri): IssuePlace | undefined {
    if (diagnostic instanceof IssueDiagnostic) return diagnostic.place;
    if (diagnostic.source !== DIAGNOSTIC_SOURCE) return undefined;
    const found = this.collection
      .get(uri)
      ?.find((one) => one.message === diagnostic.message && one.range.isEqual(diagnostic.range));
    return found instanceof IssueDiagnostic ? found.place : undefined;
  }

  private async update(): Promise<void> {
    const all = new Map<string, [vscode.Uri, vscode.Diagnostic[]]>();
    for (const repository of this.repositories.known)
      for (const [uri, diagnostic] of await this.problemsOf(repository).catch(() => [])) {
        const entry = all.get(uri.toString()) ?? [uri, []];
        entry[1].push(diagnostic);
        all.set(uri.toString(), entry);
      }
    // Only differences are set, so that the panel does not flicker while an agent prints output.
    const gone: vscode.Uri[] = [];
    this.collection.forEach((uri) => {
      if (!all.has(uri.toString())) gone.push(uri);
    });
    for (const uri of gone) this.collection.delete(uri);
    for (const [uri, diagnostics] of all.values())
      if (!same(this.collection.get(uri), diagnostics)) this.collection.set(uri, diagnostics);
  }

  /** Reads only one run: the last one that this window worked on, else the newest. */
  private async problemsOf({ project, runs }: Repository): Promise<[vscode.Uri, vscode.Diagnostic][]> {
    const ids = await runs.ids();
    const last = this.memory.lastRun(project.top);
    const runId = last !== undefined && ids.includes(last) ? last : ids[0];
    if (runId === undefined) return [];
    const run = await runs.run(runId);
    if (run.meta.abandoned) return [];
    const issues = await this.issuesOf(project, runId, run).catch(() => []);
    return [...issues, ...(await checkDiagnostics(project, run))];
  }

  private async issuesOf(
    project: Project,
    runId: RunId,
    { steps, plan }: RunWithSteps,
  ): Promise<[vscode.Uri, IssueDiagnostic][]> {
    const step = steps.findLast((one) => one.state === 'failed' || one.state === 'in-progress');
    const iteration = step?.iterations.findLast((one) => one.state !== 'unfinished' || one.phase === 'verdict');
    if (!step || !iteration) return [];
    const file = await readRecord(
      project.paths.run(runId).step(step.key).iteration(iteration.n).issues,
      IssuesFileSchema,
    );
    return (file?.issues ?? []).flatMap((issue): [vscode.Uri, IssueDiagnostic][] => {
      if (issue.waived || issue.id === undefined) return [];
      // An issue without a file appears at its step in the plan.
      const target = inside(project.top, issue.file) ?? plan?.file;
      if (target === undefined) return [];
      const line = target === plan?.file ? (step.line ?? 0) : Math.max(0, (issue.line ?? 1) - 1);
      const place = { folder: project.top, runId, step: step.n, iteration: iteration.n, issue: issue.id };
      return [
        [
          vscode.Uri.file(target),
          new IssueDiagnostic(new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER), issue, place),
        ],
      ];
    });
  }
}

function action<K extends CommandId>(
  title: string,
  command: K,
  args: Call<K>,
  diagnostic: vscode.Diagnostic,
): vscode.CodeAction {
  const fix = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  fix.command = link(title, command, args);
  fix.diagnostics = [diagnostic];
  return fix;
}

function same(shown: readonly vscode.Diagnostic[] | undefined, next: readonly vscode.Diagnostic[]): boolean {
  const text = (all: readonly vscode.Diagnostic[]): string =>
    JSON.stringify(
      all.map((one) => [
        one.message,
        one.severity,
        one.source,
        one.code,
        one.range,
        one instanceof IssueDiagnostic && one.place,
      ]),
    );
  return shown !== undefined && text(shown) === text(next);
}

/** @param file as the reviewer wrote it @returns an absolute path; undefined when it is outside of the repository */
function inside(top: string, file: string): string | undefined {
  if (file === '') return undefined;
  const absolute = path.resolve(top, file);
  return isInside(top, absolute) ? absolute : undefined;
}
