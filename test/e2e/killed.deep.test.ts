import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { alive } from '../support/processes';
import { sampleRecording } from '../support/recordings';
import { until } from '../support/run';
import { contents } from '../support/runs';
import type { Sample } from '../support/sample';
import { seed } from '../support/seed';
import { SlowCheck } from '../support/slow-check';
import { useEditor } from './harness';

const harness = useEditor();

/** A program that runs the slow check and its descendants until the test lets them end, and then does `task`. */
function waiting(check: SlowCheck, name: string, task: string): string {
  const file = path.join(check.dir, name);
  fs.writeFileSync(
    file,
    `#!/usr/bin/env node
const { spawn } = require('node:child_process');
const fs = require('node:fs'), path = require('node:path');
const event = (value) => { fs.writeSync(1, JSON.stringify(value) + '\\n'); };
const [file, ...args] = ${JSON.stringify(check.command.split(' '))};
spawn(file, args, { stdio: 'ignore' }).on('exit', () => { ${task} });
`,
    { mode: 0o755 },
  );
  return file;
}

/** Claude Code as Weld sees it: writes a file, and answers. */
const claude = (answer: string, edit = ''): string => `${edit}
event({ type: 'system', subtype: 'init', session_id: 's', model: 'm' });
event({ type: 'result', subtype: 'success', is_error: false, result: ${JSON.stringify(answer)}, session_id: 's',
  usage: { input_tokens: 1, output_tokens: 1 } });`;

/** Lets a program do one task of the sample. */
async function letDo(sample: Sample, task: string, exec: string): Promise<void> {
  const config = path.join(sample.weldDir, 'config.toml');
  fs.writeFileSync(
    config,
    fs
      .readFileSync(config, 'utf8')
      .replace(
        `${task} = { provider = "replay" }`,
        `${task} = { provider = "claude", exec = ${JSON.stringify(exec)} }`,
      ),
  );
  await git(sample.top, 'commit', '--quiet', '--all', '--message', 'Let a program work');
}

/** What keeps each phase waiting. */
const PHASES: Readonly<Record<string, (sample: Sample, check: SlowCheck) => Promise<void>>> = {
  implement: (sample, check) =>
    letDo(
      sample,
      'implementation',
      waiting(
        check,
        'claude',
        claude(
          'Done.',
          `fs.mkdirSync('src', { recursive: true }); fs.writeFileSync('src/greet.mjs', 'export const greet = ` +
            `(name) => name;');`,
        ),
      ),
    ),
  'capture changes': async (sample, check) => {
    fs.writeFileSync(path.join(sample.top, '.gitattributes'), 'src/*.mjs filter=slow\n');
    await git(
      sample.top,
      'config',
      'filter.slow.clean',
      waiting(check, 'filter.cjs', 'process.stdin.pipe(process.stdout);'),
    );
  },
  fix: async (sample, check) => {
    const { answers } = sampleRecording(0);
    const review = answers
      .filter((answer) => answer.task === 'implementation_review')
      .map((answer) => ({ ...answer, step: 1 })); // it passes only in the second iteration
    const others = answers.filter((answer) => answer.task !== 'implementation_review');
    const [, failing, passing] = review.map((answer, at) => ({ ...answer, attempt: at }));
    fs.writeFileSync(
      path.join(sample.weldDir, 'recording.json'),
      JSON.stringify({ version: 1, answers: [...others, failing, passing] }),
    );
    await letDo(
      sample,
      'fix_generation',
      waiting(check, 'claude', claude('Fixed.', `fs.appendFileSync('src/greet.mjs', '// fixed');`)),
    );
  },
  review: (sample, check) =>
    letDo(
      sample,
      'implementation_review',
      waiting(check, 'claude', claude(JSON.stringify({ pass: true, issues: [] }))),
    ),
};

// The phase of the checks is killed in windows.test.ts; the verdict starts no program, and test/unit kills it in a
// separate process.
test.each(Object.keys(PHASES))(
  'SIGKILL of the extension host during "%s" leaves no descendant, and a new window goes on from there',
  async (phase) => {
    const check = new SlowCheck(harness.folder('slow'));
    const sample = await harness.sample({ checks: { quick: 'node --version' } });
    await PHASES[phase]?.(sample, check);
    await seed(sample, { step: 1 });
    const first = await harness.open(sample.top);
    const journey = new Journey(first, sample);
    await journey.startLoop(1);
    await until(`"${phase}" to be under way`, () => check.running, 30_000);
    await first.progress(phase).waitFor();

    const begun = journey.step(1)?.iterations.length ?? 0;
    const iteration = path.join(journey.step(1)?.folder ?? '', 'iter');
    const before = contents(iteration);
    const { pid } = JSON.parse(fs.readFileSync(path.join(sample.weldDir, 'active.lock'), 'utf8')) as { pid: number };
    expect(harness.editor.server.hostPids).toContain(pid);
    process.kill(pid, 'SIGKILL');
    const killed = Date.now();
    await until('every descendant to be gone', () => !check.pids().some(alive), 5000);
    console.log(`${phase}: no descendant ${Date.now() - killed} ms after the kill`);
    expect(contents(iteration)).toEqual(before);

    check.finish();
    const second = await harness.open(sample.top);
    await second.command('Weld: Continue');
    await until('the step to pass in the new window', () => journey.step(1)?.iterations.at(-1)?.status?.pass, 60_000);
    expect(journey.step(1)?.iterations).toHaveLength(begun);
  },
);
