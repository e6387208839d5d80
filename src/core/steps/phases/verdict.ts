import { type IssuesFile, IssuesFileSchema } from '../../artifacts/schemas';
import { recordText, writeText } from '../../artifacts/store';
import { baseRef, iterationRef } from '../../git/git';
import { decideConditions } from '../conditions/decideConditions';
import { noteIgnored } from '../conditions/lookAtConditions';
import type { GivenConditions } from '../evidence';
import { earlierIssues } from '../feedback';
import { digestOf, firstChanged } from '../memory';
import { changedSinceOpened } from '../opened';
import { noteCompleted, outcomeOf, sourceOf, type Written, writeStatus } from '../stepStatus';
import { moveForeignAside, putRefsBack } from '../tidy';
import { carryWaivers } from '../verdict/issues';
import { readVerdict } from '../verdict/readVerdict';
import { type Iteration, save, saveTiming } from '../work';

/** Reads the verdict from the review and lets the gate decide. */
export async function verdict(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { lock, project } = work.op;
  const reading =
    it.memory.review === null ? { ok: false as const, why: 'there is no review' } : readVerdict(it.memory.review);
  const issues = reading.ok ? carryWaivers(reading.verdict.issues, await earlierIssues(work.step, it.n)) : [];
  const odd = reading.ok ? reading.notices : [];
  for (const notice of odd) project.log.warn(`step ${work.step.n}, iteration ${it.n}: ${notice}`);
  const read: IssuesFile = reading.ok
    ? { pass: reading.verdict.pass, issues }
    : { pass: false, issues: [], unreadable: reading.why };
  await noteIgnored(it);
  const { given, record } = await decideConditions(it, read);
  it.memory.issues = record;
  const text = recordText(IssuesFileSchema, record);
  await writeText(lock, paths.issues, text);
  work.wrote = true;
  await saveTiming(it);
  const notices = [...odd, ...(await foundAround(it)), ...readBack(it)];
  const digests = { ...it.progress.digests, 'issues.json': digestOf(text) };
  const { status, digest } = await settled(it, digests, { ...given, notices });
  it.status = status;
  await noteCompleted(lock, work.step.paths, it.n, status.pass);
  await save(it, { digests: { ...digests, 'status.json': digest } }, 'verdict', outcomeOf(status, sourceOf(it)));
}

/** Writes the status and checks that all files are still as written. If not, writes a second status that says so. */
async function settled(
  it: Iteration,
  digests: Readonly<Record<string, string>>,
  given: GivenConditions & { readonly notices: readonly string[] },
): Promise<Written> {
  const write = (): Promise<Written> => writeStatus(it.work.op, { ...sourceOf(it), complete: true, ...given });
  const written = await write();
  const changed = await firstChanged(it.paths, { ...digests, 'status.json': written.digest }, [
    'issues.json',
    'status.json',
  ]);
  if (changed === null) return written;
  it.progress = {
    ...it.progress,
    violations: [...it.progress.violations, `${changed} was changed by something else as soon as Weld had written it.`],
  };
  return write();
}

/** Reports what others changed during the iteration, and puts back what can be put back. */
async function foundAround({ work, n, progress }: Iteration): Promise<string[]> {
  const { op, step } = work;
  const refs = [
    [baseRef(step.run, step.key), step.base] as const,
    ...(progress.tree ? [[iterationRef(step.run, step.key, n), progress.tree] as const] : []),
  ];
  return [
    ...(await changedSinceOpened(op.project, step, work.opened)),
    ...(await putRefsBack(op, refs)),
    ...(await moveForeignAside(op, step)),
  ];
}

function readBack({ memory, progress }: Iteration): string[] {
  if (!memory.readBack || progress.guard?.mode === 'prevented') return [];
  return [
    'Checks or review were read back from the disk, where nothing but their seal has kept them since they were made.',
  ];
}
