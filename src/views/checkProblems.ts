import * as path from 'node:path';
import * as vscode from 'vscode';
import { type CheckResult, ChecksSummarySchema } from '../core/artifacts/schemas';
import { readRecord, readText } from '../core/artifacts/store';
import type { CheckProblem } from '../core/checks';
import type { Project } from '../core/project';
import type { RunWithSteps } from '../core/runs/listRuns';
import type { StepState } from '../core/steps/state/states';
import { KeptByStat } from '../core/util/keptByStat';
import { DIAGNOSTIC_SOURCE } from '../ids';
import { counted, joined } from '../ui/format';

/** The panel and the rows of a run read the same few outputs again and again. */
const kept = new KeptByStat<readonly CheckProblem[]>(64);

/**
 * The problems in the output of a failed check.
 * @param top absolute path of the repository @param file absolute path of the output @param check its name
 * @throws WeldError `DAMAGED_FILE`
 */
function problemsOf(top: string, file: string, check: string): Promise<readonly CheckProblem[]> {
  return kept.get(file, async (look) => {
    look.note(file);
    const text = await readText(file);
    if (text === null || text === '') return [];
    const { problemsIn } = await import('../core/checks/problemsIn');
    return problemsIn(text, { top, source: check });
  });
}

/** What stands beside a check that has failed. @param file absolute path of its output */
export async function failureNote(top: string, file: string, result: CheckResult, before: boolean): Promise<string> {
  const problems = await problemsOf(top, file, result.category).catch(() => []);
  const exit = `exit code ${result.exit_code}${before ? ', failed before too' : ''}`;
  return joined([problems.length === 0 ? '' : counted(problems.length, 'problem'), exit]);
}

/** The problems of failed checks in the steps of a run that are not finished, with the file of each. */
export async function checkDiagnostics(
  project: Project,
  run: RunWithSteps,
): Promise<[vscode.Uri, vscode.Diagnostic][]> {
  const unfinished = run.steps.filter(({ state }) => state === 'failed' || state === 'in-progress');
  const problems = await Promise.all(unfinished.map((step) => problemsOfStep(project, step).catch(() => [])));
  return problems.flat().map((problem) => [vscode.Uri.file(path.join(project.top, problem.file)), shown(problem)]);
}

/** Until the checks of a newer iteration have run, those of the one before count. */
async function problemsOfStep(project: Project, step: StepState): Promise<readonly CheckProblem[]> {
  const iteration = step.iterations.findLast(({ artifacts }) => artifacts.some(({ label }) => label === 'checks'));
  if (!iteration) return [];
  const paths = project.paths.run(step.run).step(step.key).iteration(iteration.n);
  const summary = await readRecord(paths.checksSummary, ChecksSummarySchema);
  const failed = Object.values(summary?.categories ?? {}).filter(({ passed }) => !passed);
  const found = failed.map(({ category }) => problemsOf(project.top, paths.check(category), category));
  return (await Promise.all(found)).flat();
}

function shown({ line, column = 1, severity, message, source }: CheckProblem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    new vscode.Range(line - 1, column - 1, line - 1, Number.MAX_SAFE_INTEGER),
    message,
    severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.source = `${DIAGNOSTIC_SOURCE}: ${source}`;
  return diagnostic;
}
