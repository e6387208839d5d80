import type * as z from 'zod';
import { type SessionSchema, TranscriptSchema } from '../../artifacts/recoverySchemas';
import type { RunId } from '../../artifacts/runIds';
import { StatusSchema, type Timing } from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import type { Config } from '../../config/schema';
import type { Trailer } from '../../git/git';
import type { Project } from '../../project';
import { warningsOf } from '../../steps/conditions/judgeCondition';
import type { StepState } from '../../steps/state/states';

/** An agent's session that worked on a step. */
type Session = z.infer<typeof SessionSchema>;

type Transcript = z.infer<typeof TranscriptSchema>;

/** Lists the sessions that the agents of these steps reported. */
export function sessionsOf(steps: readonly StepState[]): Session[] {
  return steps.flatMap((step) =>
    step.iterations.flatMap(({ n, timing }) => (timing ? sessionsIn(step.n, n, timing) : [])),
  );
}

function sessionsIn(step: number, iteration: number, timing: Timing): Session[] {
  const told = [
    { session_id: timing.session_id, transcript: timing.transcript },
    { session_id: timing.review_session_id, transcript: timing.review_transcript, role: 'review' as const },
  ].flatMap(({ session_id, transcript, ...rest }) =>
    session_id ? [{ step, iteration, session_id, ...rest, ...(transcript && { transcript }) }] : [],
  );
  return told.map((session, i) =>
    i === 0 ? { ...session, tokens: timing.tokens ?? null, cost_usd: timing.cost_usd ?? null } : session,
  );
}

/**
 * Returns the new content of transcript.json: the sessions of earlier commits, then the given ones; null if there are
 * no sessions.
 */
export async function transcriptWith(
  project: Project,
  runId: RunId,
  sessions: readonly Session[],
): Promise<Transcript | null> {
  const old = await readRecord(project.paths.run(runId).transcript, TranscriptSchema);
  const same = (a: Session, b: Session): boolean =>
    a.step === b.step && a.iteration === b.iteration && a.session_id === b.session_id;
  const earlier = (old?.sessions ?? []).filter((one) => !sessions.some((other) => same(one, other)));
  const all = [...earlier, ...sessions];
  return all.length === 0 ? null : { ...old, run_id: runId, sessions: all };
}

/** Lists the issues that a person waived in the last iteration of these steps, one line each. */
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

/** Lists the passes that count because a person accepted them, one line each. */
export function acceptancesOf(steps: readonly StepState[]): string[] {
  return steps.flatMap((step) => {
    const accepted = step.iterations.at(-1)?.accepted ?? null;
    return accepted === null ? [] : [oneLine(`step ${step.n}: ${accepted.was} (${accepted.reason})`)];
  });
}

/** Returns a trailer for each warning that the gate's conditions gave in the last iteration of these steps. */
export function warningTrailers(steps: readonly StepState[]): Trailer[] {
  return steps.flatMap((step) =>
    warningsOf(step.iterations.at(-1)?.gate ?? []).map((why) => ({
      key: 'Weld-Warned',
      value: oneLine(`step ${step.n}: ${why}`),
    })),
  );
}

/** Returns the trailers of a commit, in the order in which they are written. */
export function trailersOf(
  project: Project,
  runId: RunId,
  config: Config,
  sessions: readonly Session[],
  notes: { readonly waivers: readonly string[]; readonly accepted: readonly string[] },
): Trailer[] {
  const run = project.paths.run(runId);
  return [
    ...(config.git.include_run_trailer ? [{ key: 'Weld-Run', value: project.paths.relative(run.root) }] : []),
    ...(sessions.length > 0
      ? [{ key: config.git.commit_trailer_key, value: project.paths.relative(run.transcript) }]
      : []),
    ...notes.waivers.map((value) => ({ key: 'Weld-Waived', value })),
    ...notes.accepted.map((value) => ({ key: 'Weld-Accepted', value })),
  ];
}

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();
