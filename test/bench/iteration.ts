import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { isolatedGit } from '../support/git';
import { out, root } from '../support/paths';
import { CHANGED, FILES, RUNS } from './iteration.repository';
import type { Row } from './report';

/** What `iteration.measure.ts` prints: medians in ms, memory in bytes. */
interface Measured {
  readonly status: number;
  readonly capture: number;
  readonly least: number;
  readonly needed: number;
  readonly own: number;
  /** The same as `own`, with many runs below `.weld`. */
  readonly beside: number;
  readonly memory: { readonly small: number; readonly large: number };
  readonly supervisor: { readonly runtime: number; readonly supervised: number };
}

/** Measures iterations in a repository of 50,000 files. Takes a minute or two on a quiet machine. */
export function iterationRows(): Row[] {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-bench-')));
  try {
    const bundle = (entry: string, name: string): string => {
      const outfile = path.join(out, 'bench', name);
      buildSync({ entryPoints: [path.join(root, entry)], bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error', outfile });
      return outfile;
    };
    const measure = bundle('test/bench/iteration.measure.ts', 'iteration.measure.cjs');
    const supervisor = bundle('src/core/process/supervisor/main.ts', 'supervisor.cjs');
    const ran = spawnSync(process.execPath, [measure, folder, supervisor], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...isolatedGit() } });
    if (ran.status !== 0) throw new Error(`measuring iterations ended with ${ran.status ?? ran.signal ?? 'nothing'}`);
    return rows(JSON.parse(ran.stdout) as Measured);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function rows(seen: Measured): Row[] {
  const megabytes = (bytes: number): number => bytes / 1e6;
  return [
    { what: `an iteration, ${FILES} files with ${CHANGED} changed: Weld's own time / the bare git commands that it needs`, ours: seen.own, reference: seen.needed, unit: 'ms', limit: 1.3 },
    { what: 'the same iteration / those without the keeping of the run around each agent', ours: seen.own, reference: seen.least, unit: 'ms' },
    { what: `the same iteration with ${RUNS} earlier runs / with none`, ours: seen.beside, reference: seen.own, unit: 'ms' },
    { what: `capture of ${FILES} unchanged files / git status`, ours: seen.capture, reference: seen.status, unit: 'ms', limit: 1.5 },
    // A floor of 32 MB, because the ratio of two noises says nothing; what flows through is 200 MB.
    { what: 'memory while an agent streams 200 MB / 20 MB', ours: Math.max(32, megabytes(seen.memory.large)), reference: Math.max(32, megabytes(seen.memory.small)), unit: 'MB', limit: 1.5 },
    { what: 'a supervised program that does nothing / a bare start of node', ours: seen.supervisor.supervised, reference: seen.supervisor.runtime, unit: 'ms' },
  ];
}
