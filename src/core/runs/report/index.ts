import type { RunId } from '../../artifacts/runIds';
import { type Status, StatusSchema } from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import type { Project } from '../../project';
import { runCalls } from '../../steps/calls';
import type { StepState } from '../../steps/state/states';
import { type RunDetails, readRun } from '../listRuns';
import { readSpecRef } from '../spec';
import { beginning, commitLines, effort, shown, specName, spentBy, table, timingsOf } from './parts';
import { type ReportedStep, reportedStep } from './reportedSteps';
import { stepLines } from './stepLines';

/** Returns the text of summary.md: how the run started, the state of each step, and the commits. */
export async function summaryText(project: Project, run: RunDetails): Promise<string> {
  const rows = await Promise.all(run.steps.map(async (step) => row(step, await lastStatus(project, run, step))));
  const steps = table(['Step', 'Title', 'State', 'Iterations', 'Issues', 'Waived'], rows);
  return text([
    [`# ${run.id}`, beginning(run)],
    ['## Steps', steps],
    ['## Commits', commitLines(run)],
  ]);
}

function row(step: StepState, status: Status | null): string[] {
  const waived = (status?.waivers ?? []).map((waiver) => waiver.reason).join('; ');
  const issues = status?.issue_count ?? '–';
  return [
    String(step.n),
    shown(step.title),
    step.state,
    String(step.iterations.length),
    String(issues),
    waived === '' ? '–' : shown(waived),
  ];
}

async function lastStatus(project: Project, run: RunDetails, step: StepState): Promise<Status | null> {
  const last = step.iterations.at(-1);
  if (!last) return null;
  return readRecord(project.paths.run(run.id).step(step.key).iteration(last.n).status, StatusSchema).catch(() => null);
}

/**
 * Returns a run as Markdown, for people outside of it, such as in a pull request: specification, plan, what each
 * iteration of each step changed and how it was judged, what was waived or accepted and why, and the commits. Texts
 * of the repository and of agents show as they are: no markup, link or HTML of theirs takes effect.
 * @throws WeldError `RUN_NOT_FOUND`, `DAMAGED_FILE`
 */
export async function reportText(project: Project, id: RunId): Promise<string> {
  const run = await readRun(project, id);
  const spec = await readSpecRef(project, id).catch(() => null);
  const steps: ReportedStep[] = [];
  for (const step of run.steps) steps.push(await reportedStep(project, step));
  const { calls } = await runCalls(project, id);
  const [time, tokens, cost] = effort([...calls.map(spentBy), ...timingsOf(run.steps)]);
  const rows = run.steps.map((step) => [
    String(step.n),
    shown(step.title),
    step.state,
    String(step.iterations.length),
    ...effort(timingsOf([step])),
  ]);
  return text([
    [
      `# ${id}`,
      [
        ...(spec
          ? [`- Specification: ${specName(project.top, spec.absolute_path)} (SHA-256 ${shown(spec.sha256)})`]
          : []),
        ...beginning(run),
        ...run.meta.stale_overrides.map((kept) => `- Kept the ${shown(kept.artifact)}: ${shown(kept.stale_reason)}`),
        ...(run.meta.abandoned ? ['- Abandoned'] : []),
        `- Time: ${time} · tokens: ${tokens} · cost: ${cost}`,
      ],
    ],
    ['## Steps', table(['Step', 'Title', 'State', 'Iterations', 'Time', 'Tokens', 'Cost'], rows)],
    ...steps.map((step): [string, string[]] => [`### Step ${step.step.n}: ${shown(step.step.title)}`, stepLines(step)]),
    ['## Commits', commitLines(run)],
  ]);
}

/** Sections with their headings, set apart by empty lines. */
function text(sections: readonly (readonly [heading: string, lines: readonly string[]])[]): string {
  return sections.flatMap(([heading, lines]) => [heading, '', ...lines, '']).join('\n');
}
