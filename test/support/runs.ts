import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Status } from '../../src/core/artifacts/schemas';
import type { Sample } from './sample';

export interface IterationOnDisk {
  readonly n: number;
  readonly status: Status | undefined;
  readonly files: readonly string[];
}

export interface StepOnDisk {
  readonly n: number;
  readonly folder: string;
  readonly completed: boolean;
  readonly iterations: readonly IterationOnDisk[];
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

const names = (dir: string): string[] => (fs.existsSync(dir) ? fs.readdirSync(dir).sort() : []);

/** The steps of a run, read from its files without the product's code. */
export function stepsOf(sample: Sample, run: string): StepOnDisk[] {
  const steps = path.join(sample.weldDir, 'runs', run, 'steps');
  return names(steps).map((name) => {
    const folder = path.join(steps, name);
    const iterations = names(path.join(folder, 'iter')).map((number) => {
      const dir = path.join(folder, 'iter', number);
      return {
        n: Number(number),
        status: read<Status>(path.join(dir, 'status.json')),
        files: fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort(),
      };
    });
    return {
      n: Number(name.slice(0, name.indexOf('-'))),
      folder,
      completed: fs.existsSync(path.join(folder, 'completed')),
      iterations,
    };
  });
}

/** All files below a folder with their content, to compare before and after; excludes names that `without` matches. */
export function contents(dir: string, without?: RegExp): Record<string, string> {
  const files = fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const kept = files
    .map((file) => path.relative(dir, file))
    .filter((name) => !without?.test(name))
    .sort();
  return Object.fromEntries(kept.map((name) => [name, fs.readFileSync(path.join(dir, name)).toString('base64')]));
}
