import { slugify } from '../artifacts/runIds';
import { SpecRefSchema, type StepRecord, StepRecordSchema } from '../artifacts/schemas';
import { readRecord, readText, removeFile, writeRecord, writeText } from '../artifacts/store';
import { checkCommands } from '../checks';
import { baseRef, type LeftOut, leftOutLine, leftOutPaths, type Oid } from '../git/git';
import type { PlanStep } from '../plan/source';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { planInForce } from './planInForce';
import { implementationPrompt } from './prompts/changePrompts';
import { resolveStep, type StepHandle } from './resolveStep';
import type { LeavesOut, ReadsTree, StepRequest } from './results';
import { recordDigest } from './seals/stepSeals';
import { iterationNumbers } from './stepProgress';

/**
 * Begins a step: writes its text and its prompt, and keeps the tree from which its changes are counted. Selecting again
 * does not move that tree; before the first iteration it updates the text from the current plan. A skipped step is no
 * longer skipped.
 * @returns the absolute path of the prompt, and the files left out of the tree
 */
export async function selectStep(
  op: Operation,
  request: StepRequest & ReadsTree,
): Promise<{ readonly path: string } & LeavesOut> {
  const { project, lock } = op;
  const step = await resolveStep(project, request.run, request.step);
  const record = await readRecord(step.paths.record, StepRecordSchema);
  const prompt = await readText(step.paths.implPrompt);
  const wanted = await recordToWrite(step, record);
  checkCommands((await project.config()).config);
  const { leftOut, base } = await writeBase(op, step, request);
  await removeFile(lock, step.paths.skipped);
  await step.seals.begin(lock, base, wanted, project.now().toISOString());
  if (wanted !== record) await writeRecord(lock, step.paths.record, StepRecordSchema, wanted);
  if (wanted !== record || prompt === null) await writePrompt(op, step, wanted);
  return { path: step.paths.implPrompt, ...leftOutPaths(leftOut) };
}

/** What the plan says about a step, in the format of `step.json`. */
export function recordOf(planned: PlanStep): StepRecord {
  return {
    n: planned.n,
    title: planned.title,
    slug: slugify(planned.title, 30),
    body_md: planned.body,
    acceptance_criteria: planned.acceptanceCriteria.map((item) => item.text),
    tests: planned.tests.map((item) => item.text),
  };
}

export function sameText(a: StepRecord, b: StepRecord): boolean {
  const text = (record: StepRecord): string =>
    JSON.stringify([record.title, record.body_md, record.acceptance_criteria, record.tests]);
  return text(a) === text(b);
}

/** Writes the implementation prompt from a step's record. */
export async function writePrompt(op: Operation, step: StepHandle, record: StepRecord): Promise<void> {
  const { project } = op;
  const run = project.paths.run(step.run);
  const plan = await planInForce(project, step.run);
  const { config } = await project.config();
  const spec = await readRecord(run.specRef, SpecRefSchema).catch(() => null);
  await writeText(
    op.lock,
    step.paths.implPrompt,
    implementationPrompt({
      record,
      spec: spec === null ? null : shown(project.top, spec.absolute_path, (file) => project.paths.relative(file)),
      plan: project.paths.relative(plan?.file ?? run.planRaw),
      otherSteps: (plan?.plan.steps ?? [])
        .filter((other) => other.n !== record.n)
        .map(({ n, title }) => ({ n, title })),
      checks: checkCommands(config),
    }),
  );
}

async function recordToWrite(step: StepHandle, record: StepRecord | null): Promise<StepRecord> {
  if (!step.planned) {
    if (record) return record;
    throw new WeldError('STEP_NOT_FOUND', `The current plan has no step ${step.n}; choose one of its steps.`);
  }
  const planned = recordOf(step.planned);
  if (!record) return planned;
  const begun = (await iterationNumbers(step)).length > 0;
  if (begun && step.seals.record !== null && step.seals.record !== recordDigest(record))
    throw new WeldError(
      'VIOLATION',
      `${step.paths.record} is not as Weld wrote it; read it, and take the step over from the plan with Amend.`,
    );
  return begun || sameText(record, planned) ? record : { ...record, ...planned };
}

/** The base is written once; selecting again does not change it. */
async function writeBase(
  op: Operation,
  step: StepHandle,
  hooks: ReadsTree,
): Promise<{ readonly base: Oid; readonly leftOut: readonly LeftOut[] }> {
  const { git } = op.project;
  const name = baseRef(step.run, step.key);
  const [kept, sealed] = [await git.readRef(name), step.seals.base];
  // The beginning of the step must not change because a guest moved or removed the ref.
  if (sealed !== null && kept !== sealed) await git.writeRef(op.lock, name, sealed, 'replace');
  const base = sealed ?? kept;
  if (base !== null) return { base, leftOut: [] };
  await hooks.beforeReadingTree?.();
  const { tree, leftOut } = await git.captureTree(op.lock, { signal: op.signal });
  if (leftOut.length > 0) op.report({ message: leftOutLine(leftOut) });
  await git.writeRef(op.lock, name, tree, 'create');
  return { base: tree, leftOut };
}

/** Shows a path inside the repository relative to it. */
function shown(top: string, file: string, relative: (file: string) => string): string {
  return file.startsWith(`${top}/`) || file.startsWith(`${top}\\`) ? relative(file) : file;
}
