import * as fs from 'node:fs';
import * as path from 'node:path';
import { SAMPLE_SPEC, sampleConfig } from '../../src/core/runs/sample/files';
import { git } from './git';
import { type Recording, sampleRecording } from './recordings';

export interface Sample {
  /** The top of the repository, with symbolic links resolved. */
  readonly top: string;
  readonly spec: string;
  readonly weldDir: string;
}

export interface SampleOptions {
  readonly recording?: Recording;
  /** \`category = "command"\` lines of `[checks]`; the default runs the sample's own tests. */
  readonly checks?: Readonly<Record<string, string>>;
  /** Lines to add at the end of config.toml. */
  readonly config?: string;
  /** False for a repository that Weld has not touched. */
  readonly initialised?: boolean;
}

/** Creates a small repository with one commit, a specification, checks, and a recording in place of agents. */
export async function makeSample(dir: string, options: SampleOptions = {}): Promise<Sample> {
  fs.mkdirSync(dir, { recursive: true });
  const top = fs.realpathSync(dir);
  const write = (name: string, content: string): void => {
    const file = path.join(top, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  };
  write('README.md', '# Sample\n\nA module that greets people. What it should do stands in `docs/greetings.md`.\n');
  write('docs/greetings.md', SAMPLE_SPEC);
  write(
    'package.json',
    `${JSON.stringify({ name: 'sample', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  );
  write('test/smoke.test.mjs', "import { test } from 'node:test';\n\ntest('runs', () => {});\n");

  if (options.initialised !== false) {
    write('.weld/.gitignore', '*\n!.gitignore\n!config.toml\n');
    write('.weld/config.toml', `${sampleConfig(options.checks ?? { test: 'node --test' })}${options.config ?? ''}`);
    write('.weld/recording.json', JSON.stringify(options.recording ?? sampleRecording(), null, 2));
  }
  await git(top, 'init', '--quiet', '--initial-branch=main');
  await git(top, 'add', '--all');
  await git(top, 'commit', '--quiet', '--message', 'Start');
  return { top, spec: path.join(top, 'docs/greetings.md'), weldDir: path.join(top, '.weld') };
}

/** The id of the only run of a sample. */
export function onlyRun(sample: Sample): string {
  const runs = fs.readdirSync(path.join(sample.weldDir, 'runs')).filter((name) => /^\d{8}-\d{6}-/u.test(name));
  if (runs.length !== 1) throw new Error(`expected one run, found: ${runs.join(', ')}`);
  return runs[0] ?? '';
}
