import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from '../support/paths';
import { makeSample } from '../support/sample';

/** A run as a released version left it, in 17 folders; not made by the code that is measured. */
const TEMPLATE = path.join(root, 'test/fixtures/runs/command-line');
const META = 'meta.json';

/** A repository with earlier runs. */
export interface Repository {
  readonly top: string;
  readonly runs: number;
  /** A JSON file to open. */
  readonly json: string;
  /** The folder of the newest run. */
  readonly newest: string;
}

/** Makes a repository with so many runs. Their records are files of their own; the rest are links to one copy. */
export async function repositoryWithRuns(folder: string, runs: number): Promise<Repository> {
  const { top, weldDir } = await makeSample(folder);
  const json = path.join(top, 'package.json');
  const model = path.join(folder, '.git', 'model');
  fs.cpSync(TEMPLATE, model, { recursive: true });
  const entries = fs.readdirSync(model, { recursive: true, withFileTypes: true }).map((entry) => ({
    isFolder: entry.isDirectory(),
    name: path.relative(model, path.join(entry.parentPath, entry.name)),
  }));
  const meta = JSON.parse(fs.readFileSync(path.join(model, META), 'utf8')) as Record<string, unknown>;
  let newest = '';
  for (let at = 0; at < runs; at++) {
    const id = runId(at);
    newest = path.join(weldDir, 'runs', id);
    fs.mkdirSync(newest, { recursive: true });
    for (const { isFolder, name } of entries)
      if (isFolder) fs.mkdirSync(path.join(newest, name));
      else if (name !== META) fs.linkSync(path.join(model, name), path.join(newest, name));
    fs.writeFileSync(path.join(newest, META), JSON.stringify({ ...meta, run_id: id }, null, 2));
  }
  return { top, runs, json, newest };
}

/** One a minute, so that the last is the newest. */
function runId(at: number): string {
  const time = new Date(Date.UTC(2025, 0, 1, 0, at)).toISOString().replaceAll(/[-:T]/gu, '');
  return `${time.slice(0, 8)}-${time.slice(8, 14)}-run-${at}`;
}
