import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { root } from '../../../support/paths';

/** Bundles the server like `npm run build`, with a copy of its documentation. @returns the path of server.js */
export async function bundleServer(dir: string): Promise<string> {
  const outfile = path.join(dir, 'dist', 'server.js');
  await build({
    entryPoints: [path.join(root, 'src/server/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
    logLevel: 'error',
  });
  fs.cpSync(path.join(root, 'media/docs'), path.join(dir, 'media/docs'), { recursive: true });
  return outfile;
}

export const RUN = '20260105-120000-sample';

/** A repository with one run, written as files without the code under test. */
export class Workspace {
  readonly top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-lsp-')));

  constructor() {
    fs.mkdirSync(path.join(this.top, '.git'));
    this.write('src/known.ts', '');
  }

  path(...parts: string[]): string {
    return path.join(this.top, ...parts);
  }
  run(...parts: string[]): string {
    return this.path('.weld', 'runs', RUN, ...parts);
  }

  write(relative: string, text: string): string {
    const file = this.path(relative);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  /** Replaces a record like the product: whole, by a rename. */
  record(relative: string, value: unknown): void {
    const file = this.run(relative);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, JSON.stringify(value, null, 2));
    fs.renameSync(`${file}.new`, file);
  }

  /** Selects a step of `PLAN`. */
  select(key: '01-first-thing' | '02-second-thing'): void {
    const first = key === '01-first-thing';
    this.record(`steps/${key}/step.json`, {
      n: first ? 1 : 2,
      title: first ? 'First thing' : 'Second thing',
      slug: key.slice(3),
      body_md: '',
      acceptance_criteria: first ? ['It works on Tuesdays', 'It is fast'] : ['More works'],
    });
  }

  /** Writes a finished iteration. */
  iteration(step: string, n: number, pass: boolean, issues: readonly object[]): void {
    const dir = `steps/${step}/iter/${String(n).padStart(2, '0')}`;
    this.record(`${dir}/issues.json`, { pass, issues });
    for (const name of ['diff.patch', 'review.md']) fs.writeFileSync(this.run(dir, name), 'x');
    this.record(`${dir}/checks.summary.json`, { categories: {}, first_failure: null, all_passed: true });
    this.record(`${dir}/timing.json`, {
      ai_invocation_ms: 61_000,
      checks_ms: 2_000,
      review_ms: 3_000,
      total_ms: 66_000,
    });
    this.record(`${dir}/status.json`, {
      pass,
      issue_count: issues.length,
      blocker_count: issues.length,
      major_count: 0,
      minor_count: 0,
      checks_exit_code: 0,
      diff_nonempty: true,
      timestamp: '2026-01-05T12:00:00.000Z',
      gate: [
        { condition: 'verdict_passed', ok: pass, why: pass ? 'approved by the reviewer' : 'rejected by the reviewer' },
      ],
    });
  }

  lock(holder: object | null): void {
    const file = this.path('.weld/active.lock');
    if (holder === null) fs.rmSync(file, { force: true });
    else
      fs.writeFileSync(
        file,
        JSON.stringify({
          run_id: RUN,
          command: 'step loop 2',
          operation: 'step loop',
          step: 2,
          started_at: '2026-01-05T12:00:00.000000',
          last_heartbeat: '2026-01-05T12:00:00.000000',
          ...holder,
        }),
      );
  }

  dispose(): void {
    fs.rmSync(this.top, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const PLAN = `# Plan

## Step 1: First thing

### Goal

Do it.

### Changes

- \`src/known.ts\`: change it
- \`src/made.ts\` (new): make it

### Acceptance criteria

- [ ] It works on Tuesdays
- [ ] It is fast

### Tests

- \`node --test\`

## Step 2: Second thing

### Goal

More.

### Changes

- \`src/made.ts\`: more

### Acceptance criteria

- [ ] More works

### Tests

- \`node --test more\`
`;
