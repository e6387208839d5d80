import type { RunId } from '../artifacts/runIds';
import type { Meta } from '../artifacts/schemas';
import { keepVersion, removeFile, writeText } from '../artifacts/store';
import { normalisePlan, type Plan } from '../plan';
import type { Operation } from '../project';
import { readMeta, timesDone, updateMeta } from '../runMeta';
import { needAgent } from '../steps/askAgent';
import { parsedPlan, planInForce } from '../steps/planInForce';
import { WeldError } from '../util/errors';
import { askInRun, INSTEAD } from './askInRun';
import { planPromptText } from './prompts/planPrompt';
import { runFacts } from './spec';
import { noteSpec, withoutStale } from './staleArtifacts';

/** The result of an import: the number of steps, and warnings for the person. */
export interface ImportedPlan {
  readonly steps: number;
  /** Sentences about problems in the plan; each names its line. */
  readonly warnings: readonly string[];
}

/** Writes plan.prompt.md from the current specification and research. @returns the prompt's absolute path */
export async function planPrompt(
  op: Operation,
  { runId }: { readonly runId: RunId },
): Promise<{ readonly path: string }> {
  const { path } = await writePrompt(op, runId);
  await updateMeta(op, runId, 'plan prompt');
  return { path };
}

/** Asks the configured agent for a plan and imports it. @throws WeldError `NO_STEPS`, and what `askInRun` throws */
export async function planGenerate(op: Operation, { runId }: { readonly runId: RunId }): Promise<ImportedPlan> {
  const meta = await readMeta(op.project, runId);
  await needAgent(op, 'plan_generation', INSTEAD);
  const { prompt } = await writePrompt(op, runId);
  const answer = await askInRun(op, {
    run: runId,
    task: 'plan_generation',
    prompt,
    attempt: timesDone(meta, 'plan generate') + 1,
    what: 'plan',
  });
  return takePlan(op, runId, answer, 'plan generate');
}

/**
 * Imports a plan that was written elsewhere, and moves the previous plan into the history.
 * @throws WeldError `NO_STEPS` and changes nothing
 */
export async function planImport(
  op: Operation,
  { runId, markdown }: { readonly runId: RunId; readonly markdown: string },
): Promise<ImportedPlan> {
  return takePlan(op, runId, markdown, 'plan import');
}

async function takePlan(op: Operation, runId: RunId, markdown: string, command: string): Promise<ImportedPlan> {
  const taken = readPlanText(markdown);
  if (taken.plan.steps.length === 0)
    throw new WeldError(
      'NO_STEPS',
      `No steps found; nothing was changed${taken.warnings[0] === undefined ? '' : ` (${taken.warnings[0]})`}; ` +
        'write each step as "## Step 1: Title" and import again.',
    );
  const { project, lock } = op;
  const run = project.paths.run(runId);
  const meta = await readMeta(project, runId);
  const version = await keepPlanInForce(op, runId, meta, command);
  await writeText(lock, run.planOutput, markdown);
  await writeText(lock, run.planRaw, taken.text);
  await removeFile(lock, run.planFinal); // puts the new plan in force
  await updateMeta(op, runId, command, (current) => ({
    plan_version: version,
    plan_parse_warnings: [...taken.warnings],
    stale_artifacts: withoutStale(current, 'plan'),
  }));
  return { steps: taken.plan.steps.length, warnings: taken.warnings };
}

/** Copies the plan in force into the history. @returns the version number of the next plan */
export async function keepPlanInForce(op: Operation, runId: RunId, meta: Meta, why: string): Promise<number> {
  const old = await planInForce(op.project, runId);
  if (!old) return Math.max(meta.plan_version, 1);
  const about = { current: meta.plan_version, createdAt: meta.updated_at, now: op.project.now(), why };
  return (await keepVersion(op.lock, op.project.paths.run(runId), 'plan', old.text, about)) + 1;
}

async function writePrompt(op: Operation, runId: RunId): Promise<{ readonly path: string; readonly prompt: string }> {
  const run = op.project.paths.run(runId);
  const facts = await runFacts(op.project, runId);
  const prompt = planPromptText(facts);
  await writeText(op.lock, run.planPrompt, prompt);
  await noteSpec(op, runId, facts.ref);
  return { path: run.planPrompt, prompt };
}

/** A plan as text and in parsed form. */
export interface PlanText {
  /** The text to store: with LF line ends and without the enclosing code fence. */
  readonly text: string;
  readonly plan: Plan;
  /** Sentences for the person, in line order. */
  readonly warnings: readonly string[];
}

/** Parses the plan in an answer or a file. */
export function readPlanText(markdown: string): PlanText {
  const text = normalisePlan(markdown);
  const plan = parsedPlan(text);
  return { text, plan, warnings: plan.warnings.map((warning) => warning.message) };
}
