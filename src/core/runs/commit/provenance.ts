import type { RunId } from '../../artifacts/ids';
import { StatusSchema } from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import type { Config } from '../../config/schema';
import type { Trailer } from '../../git/types';
import type { Project } from '../../project';
import type { StepState } from '../../steps/state/types';

/** An agent's session that worked on a step. */
export interface Session {
  readonly step: number;
  readonly iteration: number;
  readonly session_id: string;
  readonly tokens: number | null;
  readonly cost_usd: number | null;
}

/** What `commit/transcript.json` says; null when no agent told a session. */
export interface Transcript {
  readonly run_id: RunId;
  readonly sessions: readonly Session[];
}

export function transcriptOf(runId: RunId, steps: readonly StepState[]): Transcript | null {
  const sessions: Session[] = [];
  for (const step of steps)
    for (const { n: iteration, timing } of step.iterations) {
      if (timing?.session_id) sessions.push({ step: step.n, iteration, session_id: timing.session_id, tokens: timing.tokens ?? null, cost_usd: timing.cost_usd ?? null });
    }
  return sessions.length === 0 ? null : { run_id: runId, sessions };
}

/** The issues that a person waived in the last iteration of these steps, each as one line. */
export async function waiversOf(project: Project, runId: RunId, steps: readonly StepState[]): Promise<string[]> {
  const lines: string[] = [];
  for (const step of steps) {
    const last = step.iterations.at(-1);
    if (!last || last.issues.waived === 0) continue;
    const status = await readRecord(project.paths.run(runId).step(step.key).iteration(last.n).status, StatusSchema);
    for (const waiver of status?.waivers ?? []) {
      const hint = typeof waiver['hint'] === 'string' ? waiver['hint'] : waiver.id;
      lines.push(oneLine(`step ${step.n}: ${hint} (${waiver.reason})`));
    }
  }
  return lines;
}

/** The trailers of a commit, in the order in which they stand there. */
export function trailersOf(project: Project, runId: RunId, config: Config, transcript: Transcript | null, waivers: readonly string[]): Trailer[] {
  const run = project.paths.run(runId);
  return [
    ...(config.git.include_run_trailer ? [{ key: 'Weld-Run', value: project.paths.relative(run.root) }] : []),
    ...(transcript ? [{ key: config.git.commit_trailer_key, value: project.paths.relative(run.transcript) }] : []),
    ...waivers.map((value) => ({ key: 'Weld-Waived', value })),
  ];
}

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();
