import { IssuesFileSchema, type IssuesFile } from '../../artifacts/schemas';
import { readText, removeFile, writeRecord, writeText } from '../../artifacts/store';
import { reason } from '../../errors';
import { checkCommands } from '../../checks';
import { earlierIssues } from '../feedback';
import { writeStatus } from '../status';
import { readVerdict, type VerdictReading } from '../verdict/parse';
import { carryWaivers } from '../verdict/waivers';
import { save, saveTiming, type Iteration } from '../work';

/** Reads the verdict from the review and lets the gate decide. */
export async function verdict(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { lock } = work.op;
  const reading = await readReview(it);
  const issues = reading.ok ? carryWaivers(reading.verdict.issues, await earlierIssues(work.step.paths, it.n)) : [];
  const notices = reading.ok ? reading.notices : [];
  for (const notice of notices) work.op.project.log.warn(`step ${work.step.n}, iteration ${it.n}: ${notice}`);
  const record: IssuesFile = reading.ok ? { pass: reading.verdict.pass, issues } : { pass: false, issues: [], unreadable: reading.why };
  await writeRecord(lock, paths.issues, IssuesFileSchema, record);
  work.wrote = true;
  await saveTiming(it);
  const status = await writeStatus(work.op, {
    paths, progress: it.progress, base: work.step.base, complete: true,
    configuredChecks: checkCommands(work.config).map((check) => check.category),
    failOnBlockersOnly: work.config.loop.fail_on_blockers_only,
    notices,
  });
  if (status.pass) await writeText(lock, work.step.paths.completed, `iteration ${it.n}\n`);
  else await removeFile(lock, work.step.paths.completed);
  await save(it, {}, 'verdict');
}

async function readReview(it: Iteration): Promise<VerdictReading> {
  try {
    const text = await readText(it.paths.review);
    return text === null ? { ok: false, why: 'review.md is missing' } : readVerdict(text);
  } catch (error) {
    return { ok: false, why: reason(error) };
  }
}
