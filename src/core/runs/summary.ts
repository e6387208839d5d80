import { type Status, StatusSchema } from '../artifacts/schemas';
import { readRecord } from '../artifacts/store';
import type { Project } from '../project';
import type { StepState } from '../steps/state/types';
import type { RunDetails } from './list';

/** summary.md: what was asked, what was done step by step, and which commits hold it. */
export async function summaryText(project: Project, run: RunDetails): Promise<string> {
  const { meta } = run;
  const rows = await Promise.all(run.steps.map(async (step) => row(step, await lastStatus(project, run, step))));
  const commits = meta.commits.map(
    (commit) =>
      `- \`${commit.sha}\`${commit.steps.length > 0 ? `: ${commit.steps.length === 1 ? 'step' : 'steps'} ` + `${commit.steps.join(', ')}` : ''} ` +
      `(${commit.committed_at})`,
  );
  return [
    `# ${run.id}`,
    '',
    `- Started: ${meta.created_at} on ${meta.branch}${meta.head_sha === '' ? '' : ` at \`${meta.head_sha}\``}`,
    `- Plan: version ${meta.plan_version}${run.plan?.reviewed ? ', reviewed' : ''}`,
    ...run.stale.map((stale) => `- ${stale.why}`),
    '',
    '## Steps',
    '',
    '| Step | Title | State | Iterations | Issues | Waived |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Commits',
    '',
    ...(commits.length > 0 ? commits : ['None yet.']),
    '',
  ].join('\n');
}

function row(step: StepState, status: Status | null): string {
  const waived = (status?.waivers ?? []).map((waiver) => waiver.reason).join('; ');
  return `| ${[step.n, cell(step.title), step.state, step.iterations.length, status?.issue_count ?? '–', cell(waived === '' ? '–' : waived)].join(' | ')} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/gu, ' ');

async function lastStatus(project: Project, run: RunDetails, step: StepState): Promise<Status | null> {
  const last = step.iterations.at(-1);
  if (!last) return null;
  return readRecord(project.paths.run(run.id).step(step.key).iteration(last.n).status, StatusSchema).catch(() => null);
}
