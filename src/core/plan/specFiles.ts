import * as path from 'node:path';
import { WeldPaths } from '../artifacts/paths';
import { isRunId, type RunId } from '../artifacts/runIds';
import { SpecRefSchema } from '../artifacts/schemas';
import { listFolders, readRecord } from '../artifacts/store';
import { isFolder } from '../util/files';

/** Maximum number of runs read, the newest ones. */
const MAX_RUNS = 1_000;

/**
 * Finds the files that are specifications of runs. They may be anywhere; only a run's `inputs/spec.ref.json` names
 * them.
 */
export class SpecFiles {
  /** Specification by the path of its reference file. A run that has none yet is read again next time. */
  private readonly known = new Map<string, string>();

  /**
   * Reads the specifications of a repository's runs; skips damaged ones.
   * @param top absolute path
   * @returns the newest run that names a file, by the file's absolute path
   */
  async read(top: string): Promise<ReadonlyMap<string, RunId>> {
    const paths = new WeldPaths(top);
    const runs = (await listFolders(paths.runs).catch((): string[] => [])).filter(isRunId).slice(-MAX_RUNS);
    const named = await Promise.all(runs.map(async (run) => [await this.specOf(paths.run(run).specRef), run] as const));
    return new Map(named.flatMap(([file, run]) => (file === null ? [] : [[file, run] as const])));
  }

  private async specOf(ref: string): Promise<string | null> {
    const known = this.known.get(ref);
    if (known !== undefined) return known;
    const record = await readRecord(ref, SpecRefSchema).catch(() => null);
    if (record === null) return null;
    const file = path.resolve(record.absolute_path);
    this.known.set(ref, file);
    return file;
  }
}

/**
 * Finds the nearest folder with runs, from `start` upward.
 * @param start absolute path of a file or a folder
 */
export async function topWithRuns(start: string): Promise<string | null> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (await isFolder(new WeldPaths(folder).runs)) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}
