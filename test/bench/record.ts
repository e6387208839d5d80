import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { out, root } from '../support/paths';
import type { SectionResult } from './report';

/** What has to be known of a machine and a product to compare two runs. */
export interface Facts {
  readonly at: string;
  readonly commit: string;
  /** True when files differ from the commit. */
  readonly dirty: boolean;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly git: string;
}

/** One run of the bench, as it is kept. */
export interface BenchRecord {
  readonly facts: Facts;
  readonly sections: Readonly<Record<string, SectionResult>>;
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

export function machineFacts(): Facts {
  return {
    at: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD'),
    dirty: git('status', '--porcelain') !== '',
    cores: os.cpus().length,
    processor: os.cpus()[0]?.model ?? '',
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    git: git('--version'),
  };
}

/** One line for people. */
export const described = ({ commit, dirty, cores, node, git: version }: Facts): string =>
  `${commit.slice(0, 7)}${dirty ? ' with changes' : ''}, ${cores} cores, node ${node}, ${version}`;

/**
 * Keeps a run in out/bench, beside all that came before.
 * @param kind ends the file's name
 * @returns the file, relative to the project
 */
export function keep(facts: Facts, kind: string, content: unknown): string {
  const folder = path.join(out, 'bench');
  fs.mkdirSync(folder, { recursive: true });
  const time = facts.at.slice(0, 19).replaceAll(':', '');
  const name = [time, facts.commit.slice(0, 7), facts.dirty ? 'changed' : '', kind].filter((part) => part !== '');
  const file = path.join(folder, `${name.join('-')}.json`);
  fs.writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return path.relative(root, file);
}
