import type { RunLock } from '../lock/types';
import type { RunPaths } from './paths';
import { type HistoryMeta, HistoryMetaSchema } from './schemas';
import { listFolders, readRecord, readText, removeFolder, writeRecord, writeText } from './store';

/** Superseded versions that are kept; older ones are removed. */
export const KEPT_VERSIONS = 5;

export type HistoryArea = 'research' | 'plan';

/** The kept versions of an area, newest first. */
export async function listVersions(run: RunPaths, area: HistoryArea): Promise<number[]> {
  const names = await listFolders(run.historyRoot(area));
  return names.flatMap((name) => (/^v\d+$/.test(name) ? [Number(name.slice(1))] : [])).sort((a, b) => b - a);
}

/** @returns null when that version is not kept */
export async function readVersion(
  run: RunPaths,
  area: HistoryArea,
  version: number,
): Promise<{ readonly content: string; readonly meta: HistoryMeta | null } | null> {
  const paths = run.history(area, version);
  const content = await readText(paths.content);
  return content === null ? null : { content, meta: await readRecord(paths.meta, HistoryMetaSchema) };
}

/**
 * Keeps content that is about to be superseded; writing the new content is the caller's next step.
 * Done again after a crash it finds its own copy and makes no second one.
 * @returns the version number under which the content is kept
 */
export async function keepVersion(
  lock: RunLock,
  run: RunPaths,
  area: HistoryArea,
  content: string,
  about: { readonly current: number; readonly createdAt: string; readonly now: Date; readonly why: string },
): Promise<number> {
  const versions = await listVersions(run, area);
  const newest = versions[0] ?? 0;
  const begun = newest >= Math.max(about.current, 1) && (await readText(run.history(area, newest).content)) === content;
  const version = begun ? newest : Math.max(about.current, newest + 1);
  const paths = run.history(area, version);
  if (!begun) await writeText(lock, paths.content, content);
  else if (await readRecord(paths.meta, HistoryMetaSchema).catch(() => null)) return version;
  await writeRecord(lock, paths.meta, HistoryMetaSchema, {
    version,
    created_at: about.createdAt,
    review_id: null,
    trigger_reason: about.why,
    superseded_at: about.now.toISOString(),
  });
  for (const old of [...new Set([version, ...versions])].slice(KEPT_VERSIONS))
    await removeFolder(lock, folderOf(run, area, old));
  return version;
}

const folderOf = (run: RunPaths, area: HistoryArea, version: number): string => run.history(area, version).root;
