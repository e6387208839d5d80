import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { useEditor } from '../e2e/harness';
import { git } from '../support/git';
import { Journey } from '../support/journey';
import { environmentHolds, running } from '../support/processes';
import { sampleRecording } from '../support/recordings';
import { until } from '../support/run';
import type { Sample } from '../support/sample';
import { pinnedPrograms } from './programs/install';
import { ModelService } from './service/service';
import { refuse, say, type Turn, tool } from './service/turns';
import { agentHome, SECRET } from './support/home';
import { preparePacked } from './support/packed';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 240_000 });

const service = await ModelService.start();
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-agents-')));
beforeAll(preparePacked);
const harness = useEditor({ env: agentHome(folder, service.port).variables });
afterAll(async () => {
  await service.stop();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const STEP_1 = sampleRecording().answers.find((answer) => answer.task === 'implementation')?.edits ?? [];
const write = (sample: Sample, edit: (typeof STEP_1)[number]): Turn =>
  tool('Write', { file_path: path.join(sample.top, edit.path), content: edit.content ?? '' });
/** An implementation of step 1 that passes its tests. */
const sampleEdits = (sample: Sample): Turn[] => STEP_1.map((edit) => write(sample, edit));

/** The sample, with Claude Code as implementer and Codex as reviewer. */
async function sampleWithAgents(): Promise<Sample> {
  const { claude, codex } = pinnedPrograms();
  const sample = await harness.sample();
  const config = path.join(sample.weldDir, 'config.toml');
  const agent = (provider: string, exec: string): string =>
    `{ provider = "${provider}", exec = ${JSON.stringify(exec)} }`;
  fs.writeFileSync(
    config,
    fs
      .readFileSync(config, 'utf8')
      .replace('implementation = { provider = "replay" }', `implementation = ${agent('claude', claude)}`)
      .replace('implementation_review = { provider = "replay" }', `implementation_review = ${agent('codex', codex)}`)
      .replace('fix_generation = { provider = "replay" }', `fix_generation = ${agent('claude', claude)}`),
  );
  await git(sample.top, 'commit', '--quiet', '--all', '--message', 'Let agents work');
  return sample;
}

test('in the editor, Claude Code implements and Codex reviews a whole step', async () => {
  const { claude } = pinnedPrograms();
  const sample = await sampleWithAgents();
  const [greet] = STEP_1;
  const hint = 'An empty name is not refused.';
  service.script('anthropic', [
    write(sample, { path: greet?.path ?? '', content: "export const greet = (name) => 'Hello, ' + name + '!';\n" }),
    say('Greeting is there.'),
    tool('Read', { file_path: path.join(sample.top, greet?.path ?? '') }),
    ...sampleEdits(sample),
    say('An empty name is refused now.'),
  ]);
  service.script('openai', [
    say(
      JSON.stringify({
        pass: false,
        issues: [{ severity: 'blocker', file: 'src/greet.mjs', line: 1, hint, maps_to: 1 }],
      }),
    ),
    say(JSON.stringify({ pass: true, issues: [] })),
  ]);

  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.toPlan();
  await journey.selectStep(1);
  // On a busy machine, a click that closed the list can be reported as missed; what counts is that the loop runs.
  await journey.startLoop(1).catch((error: unknown) => {
    if ((journey.step(1)?.iterations.length ?? 0) === 0) throw error;
  });
  await until('step 1 to pass', () => journey.step(1)?.completed, 240_000);
  await until('the loop to end', () => harness.editor.log().includes('Step 1 passed in iteration 2'));
  await until('the lock to be free', () => !fs.existsSync(path.join(sample.weldDir, 'active.lock')));

  expect(fs.readFileSync(path.join(sample.top, 'src/greet.mjs'), 'utf8')).toBe(greet?.content);
  const [first, second] = journey.step(1)?.iterations ?? [];
  expect(first?.status).toMatchObject({ pass: false, blocker_count: 1 });
  expect(second?.status).toMatchObject({ pass: true, issue_count: 0, checks_exit_code: 0 });
  expect(service.calls.some((call) => call.protocol === 'anthropic' && call.raw.includes(hint))).toBe(true);

  // The activity has the agents' output, but no keys are anywhere.
  const activity = harness.editor.log('Weld Activity');
  expect(activity).toContain('Greeting is there.');
  const files = fs
    .readdirSync(sample.weldDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
  expect(files.join('') + harness.editor.log() + activity).not.toContain(SECRET);
  // Other test files run agents too; ours have this home in their environment.
  expect([...running(claude), ...running('codex exec')].filter((one) => environmentHolds(one.pid, folder))).toEqual([]);
});

test('in the editor, a failed agent comes with help: a terminal to log in, another agent, one more try', async () => {
  const sample = await sampleWithAgents();
  const window = await harness.open(sample.top);
  const journey = new Journey(window, sample);
  await journey.toPlan();
  await journey.selectStep(1);

  service.script(
    'anthropic',
    Array.from({ length: 4 }, () => refuse(401, 'authentication_error', 'invalid x-api-key')),
  );
  await journey.startLoop(1);
  const loggedOut = /Claude Code is not logged in/u;
  await window.toast(loggedOut).first().waitFor({ timeout: 120_000 });
  await window.page.screenshot({ path: 'out/agents/logged-out.png' });
  await window.toastButton(loggedOut, 'Open Terminal to Log In');
  await window.page
    .getByRole('tab', { name: /Terminal/u })
    .first()
    .waitFor();
  await until('the terminal to be told', async () =>
    (await window.page.locator('.terminal-tabs-entry, .single-terminal-tab').allTextContents()).some((text) =>
      text.includes('claude auth login'),
    ),
  );

  await window.clearToasts();
  service.script('anthropic', [refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '7200' })]);
  await journey.startLoop(1);
  const limited = /rate limit, next try in \d+ s/u;
  await window.progress(limited).waitFor({ timeout: 120_000 });
  await window.progress(limited).getByRole('button', { name: 'Cancel' }).click();
  await window.toast(/Stopped; Continue picks up where it stopped/u).waitFor();

  await window.clearToasts();
  service.script('anthropic', [refuse(529, 'overloaded_error', 'Overloaded')]);
  await journey.startLoop(1);
  const failed = /could not reach its service/u;
  await window.toast(failed).first().waitFor({ timeout: 120_000 });
  await window.toast(failed).getByRole('button', { name: 'Choose Another Agent' }).waitFor();
  service.script('anthropic', [...sampleEdits(sample), say('Greeting is there.')]);
  service.script('openai', [say(JSON.stringify({ pass: true, issues: [] }))]);
  await window.toastButton(failed, 'Retry in 60 s');
  await window.progress(/next try in \d+ s/u).waitFor();
  await until('the second try to pass', () => journey.step(1)?.completed, 240_000);
});
