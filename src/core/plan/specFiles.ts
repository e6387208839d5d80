import * as path from 'node:path';
import { isRunId, type RunId } from '../artifacts/ids';
import { WeldPaths } from '../artifacts/paths';
import { SpecRefSchema } from '../artifacts/schemas';
import { listFolders, readRecord } from '../artifacts/store';
import { isFolder } from '../util/files';

/** Of a repository with more runs, the specifications of the newest count. */
const MAX_RUNS = 1_000;

/** Which files are specifications of runs; they may stand anywhere, only `inputs/spec.ref.json` of a run names them. */
export class SpecFiles {
  /** By the path of the reference; a run that has none yet is asked again. */
  private readonly known = new Map<string, string>();

  /**
   * The specifications of a repository's runs; what is damaged is left out.
   * @param top absolute path @returns by absolute path; the newest run that names a file has it
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

/** The nearest folder that has runs, from `start` up. @param start absolute path of a file or a folder */
export async function topWithRuns(start: string): Promise<string | null> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (await isFolder(new WeldPaths(folder).runs)) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}
