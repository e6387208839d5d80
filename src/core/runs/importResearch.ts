import type { RunId } from '../artifacts/runIds';
import { keepVersion, readText, writeText } from '../artifacts/store';
import type { Operation } from '../project';
import { readMeta, timesDone, updateMeta } from '../runMeta';
import { needAgent } from '../steps/askAgent';
import { WeldError } from '../util/errors';
import { askInRun, INSTEAD } from './askInRun';
import { researchPromptText, researchReviewPromptText } from './prompts/researchPrompt';
import { runFacts } from './spec';
import { noteSpec, noteStale, withoutStale } from './staleArtifacts';

/** Writes research/prompt.md from the current specification. @returns the prompt's absolute path */
export async function researchPrompt(
  op: Operation,
  { runId }: { readonly runId: RunId },
): Promise<{ readonly path: string }> {
  const { path } = await writePrompt(op, runId);
  await updateMeta(op, runId, 'research prompt');
  return { path };
}

/** Asks the configured agent for the research and imports it. @returns the research's absolute path */
export async function researchGenerate(
  op: Operation,
  { runId }: { readonly runId: RunId },
): Promise<{ readonly path: string }> {
  const meta = await readMeta(op.project, runId);
  await needAgent(op, 'research', INSTEAD);
  const { prompt } = await writePrompt(op, runId);
  const answer = await askInRun(op, {
    run: runId,
    task: 'research',
    prompt,
    attempt: timesDone(meta, 'research generate') + 1,
    what: 'research',
  });
  return takeResearch(op, runId, answer, 'research generate');
}

/** Imports research that was written elsewhere. If it differs from the old research, an existing plan becomes stale. */
export async function researchImport(
  op: Operation,
  { runId, markdown }: { readonly runId: RunId; readonly markdown: string },
): Promise<{ readonly path: string }> {
  return takeResearch(op, runId, markdown, 'research import');
}

/** Asks the configured reviewer to review the research. @returns the review and the absolute path of its file */
export async function researchReview(
  op: Operation,
  { runId }: { readonly runId: RunId },
): Promise<{ readonly path: string; readonly review: string }> {
  const { project } = op;
  const run = project.paths.run(runId);
  const [meta, facts] = await Promise.all([readMeta(project, runId), runFacts(project, runId)]);
  if (facts.research === undefined)
    throw new WeldError('INVALID_ARGUMENT', 'This run has no research yet; import or generate it first.');
  const prompt = researchReviewPromptText({ ...facts, research: facts.research });
  const review = await askInRun(op, {
    run: runId,
    task: 'research_review',
    prompt,
    attempt: timesDone(meta, 'research review') + 1,
    what: 'research review',
  });
  await writeText(op.lock, run.researchReview, review);
  await updateMeta(op, runId, 'research review');
  return { path: run.researchReview, review };
}

async function takeResearch(
  op: Operation,
  runId: RunId,
  markdown: string,
  command: string,
): Promise<{ readonly path: string }> {
  const text = `${markdown
    .replace(/^\uFEFF/u, '')
    .replace(/\r\n?/gu, '\n')
    .trimEnd()}\n`;
  if (text.trim() === '') throw new WeldError('INVALID_ARGUMENT', 'The research is empty, so nothing was changed.');
  const { project, lock } = op;
  const run = project.paths.run(runId);
  const [meta, old] = await Promise.all([readMeta(project, runId), readText(run.researchAnswer)]);
  const version =
    old === null
      ? Math.max(meta.research_version, 1)
      : (await keepVersion(lock, run, 'research', old, {
          current: meta.research_version,
          createdAt: meta.updated_at,
          now: project.now(),
          why: command,
        })) + 1;
  if (old !== text) await noteStale(op, runId, ['plan']);
  await writeText(lock, run.researchAnswer, text);
  await updateMeta(op, runId, command, (current) => ({
    research_version: version,
    stale_artifacts: withoutStale(current, 'research'),
  }));
  return { path: run.researchAnswer };
}

async function writePrompt(op: Operation, runId: RunId): Promise<{ readonly path: string; readonly prompt: string }> {
  const path = op.project.paths.run(runId).researchPrompt;
  const facts = await runFacts(op.project, runId);
  const prompt = researchPromptText(facts);
  await writeText(op.lock, path, prompt);
  await noteSpec(op, runId, facts.ref);
  return { path, prompt };
}
