import {
  type AgentFiles,
  agentFileDigest,
  agentFilesAt,
  agentFilesBelow,
  changedAgentFiles,
  configuresAgents,
} from '../agents/configFiles';
import { AgentFilesSchema } from '../artifacts/sealSchemas';
import { writeRecord } from '../artifacts/store';
import type { Oid } from '../git/git';
import { onDisk, showName } from '../git/names';
import { CLOCK_STEP_MS } from '../git/statFingerprint';
import type { Operation } from '../project';
import { reason } from '../util/errors';
import { lstat } from '../util/files';
import { listed } from '../util/text';
import { Stop } from './loopStop';
import type { Iteration } from './work';

/**
 * Runs before an agent starts, because files that a guest changed could configure this agent. A person, if present,
 * decides, and is not asked again about the same content.
 * @throws Stop `needs_person` with the names of the files
 */
export async function assertAgentFiles(it: Iteration): Promise<void> {
  const { op, step, agentFiles } = it.work;
  const now = await agentFilesNow(it, 'deep');
  const changed = unexpected(it, now);
  if (changed.length > 0) {
    const message =
      `Files that configure agents changed while Weld worked on step ${step.n}, and its Changes do not name them: ` +
      `${listed(changed.map(showName))}; check them, undo unintended changes, then run the step from the ` +
      'editor and choose Continue.';
    op.project.log.warn(message);
    await keep(it, false);
    if (!(await personAccepts(op, changed, 'Weld worked', step.base, it.work.signal)))
      throw new Stop('needs_person', message, undefined, 'AGENT_FILES_CHANGED');
    agentFiles.trusted = now;
  }
  // Saved now, so that the next process knows the trusted files however this one ends.
  if (now.size > 0 || agentFiles.trusted.size > 0) await keep(it, false);
}

/**
 * Asks the person, if present, whether the next agent may use the changed files.
 * @param files relative to the repository's top
 * @param meanwhile when they changed, such as "Weld worked"
 * @param base the tree against which to show the differences
 */
export async function personAccepts(
  { project, person }: Operation,
  files: readonly string[],
  meanwhile: string,
  base: Oid,
  signal: AbortSignal,
): Promise<boolean> {
  const names = listed(files.map(showName));
  const title = `The next agent would be configured by files that changed while ${meanwhile}: ${names}.`;
  return (await person?.goOn?.({ title, files, top: project.top, base, signal })) ?? false;
}

/** Trusts the files as they are now. Called after a person worked: people may configure agents. */
export async function trustAgentFiles(it: Iteration): Promise<void> {
  it.work.agentFiles.trusted = await agentFilesNow(it);
}

/**
 * Runs after the last phase, however it ended. Never throws: without the lock it writes nothing, and the next operation
 * detects the changes.
 */
export async function settleAgentFiles(it: Iteration): Promise<void> {
  const { op, step, agentFiles } = it.work;
  try {
    const now = await agentFilesNow(it);
    const settled = unexpected(it, now).length === 0;
    if (now.size > 0 || agentFiles.trusted.size > 0 || !settled) await keep(it, settled);
  } catch (error) {
    op.project.log.warn(`step ${step.n}: the files that configure agents could not be checked: ${reason(error)}`);
  }
}

function unexpected(it: Iteration, now: AgentFiles): string[] {
  const expected = changesOf(it.work.step.record.body_md);
  return changedAgentFiles(it.work.agentFiles.trusted, now).filter((file) => !expected.includes(file.toLowerCase()));
}

/**
 * Reads the files at the top from the disk. With `deep`, also such files further down that the step changed or that git
 * ignores.
 */
async function agentFilesNow(it: Iteration, how?: 'deep'): Promise<AgentFiles> {
  const { op, step, agentFiles } = it.work;
  const now = new Map(await agentFilesAt(op.project.top));
  const tree = how === 'deep' ? (it.progress.tree ?? null) : null;
  const changed = tree === null || tree === step.base ? [] : await op.project.git.changedFiles(step.base, tree);
  const ignored = how === 'deep' ? await ignoredSinceBegun(it) : [];
  const below = [...changed.map(({ path }) => path), ...ignored].filter(
    (file) => !now.has(file) && configuresAgents(file),
  );
  // A file that was read earlier may have been restored since.
  for (const file of new Set([...below, ...agentFiles.trusted.keys()])) {
    const digest = now.has(file) ? null : await agentFileDigest(op.project.top, file);
    if (digest !== null) now.set(file, digest);
    else if (below.includes(file)) now.set(file, 'deleted');
  }
  return now;
}

/** Ignored files never appear in a diff. Older ones are the person's own. */
async function ignoredSinceBegun({ work: { op }, progress }: Iteration): Promise<string[]> {
  const since = (progress.began_at_ms ?? Infinity) - CLOCK_STEP_MS;
  const found = await Promise.all(op.project.git.ignored().map((file) => agentFilesBelow(op.project.top, file)));
  const files = await Promise.all(
    found
      .flatMap((each) => [...each.keys()])
      .map(async (file) => {
        const stat = await lstat(onDisk(op.project.top, file)).catch(() => null);
        return stat && stat.ctimeMs >= since ? [file] : [];
      }),
  );
  return files.flat();
}

async function keep(it: Iteration, settled: boolean): Promise<void> {
  const { op, step, agentFiles } = it.work;
  const record = { trusted: Object.fromEntries(agentFiles.trusted), settled };
  await step.seals.trust(op.lock, record);
  await writeRecord(op.lock, step.paths.agentFiles, AgentFilesSchema, record);
}

/** The text of the step's *Changes* section, in lower case. */
function changesOf(body: string): string {
  const lines = body.toLowerCase().split('\n');
  const from = lines.findIndex((line) => /^#{2,6} {0,3}(?:proposed |required )?(?:changes?|files?)\b/u.test(line));
  if (from === -1) return '';
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => /^#{1,6} /u.test(line));
  return rest.slice(0, to === -1 ? rest.length : to).join('\n');
}
