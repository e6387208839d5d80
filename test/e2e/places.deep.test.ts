import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { until } from '../support/run';
import { SecondProcess } from '../support/second-process';
import { useEditor } from './harness';

/** A folder of links to this machine's programs, so that one can be missing for a while. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), 'e2e-path-'));
for (const folder of (process.env['PATH'] ?? '').split(path.delimiter).filter((name) => fs.existsSync(name)))
  for (const name of fs.readdirSync(folder))
    if (!fs.existsSync(path.join(programs, name))) fs.symlinkSync(path.join(folder, name), path.join(programs, name));
afterAll(() => {
  fs.rmSync(programs, { recursive: true, force: true });
});

const harness = useEditor({ env: { PATH: programs } });

test('in a workspace of several folders each repository has its own runs and its own lock', async () => {
  const [one, two] = [await harness.sample(), await harness.sample()];
  fs.writeFileSync(path.join(one.top, 'of-one.txt'), 'one');
  fs.writeFileSync(path.join(two.top, 'of-two.txt'), 'two');
  const workspace = harness.workspace({ one: one.top, two: two.top, plain: harness.folder('plain') });
  const window = await harness.open(workspace);
  await window.openView('Weld');
  await window.row('one').waitFor();
  await window.command('Weld: Start Run…');
  await window.pick(/two/u);
  await window.pick(/^greetings\.md/u);
  await window.answer('second');
  await window.toast(/Started ./u).waitFor();
  await window.row('second').waitFor();
  expect(fs.existsSync(path.join(one.weldDir, 'runs'))).toBe(false);
  const [run] = fs.readdirSync(path.join(two.weldDir, 'runs'));
  const other = await SecondProcess.hold(two.weldDir, run ?? '');
  const shown = async (): Promise<boolean> => ((await window.lock.textContent()) ?? '').includes(`pid ${other.pid}`);
  try {
    await window.openFile('of-two.txt');
    await until('the status bar to show the lock of the folder in front', shown);
    await window.openFile('of-one.txt');
    await until('the status bar to follow the active editor', async () => !(await shown()));
  } finally {
    await other.release();
  }
});

test('without git the view says so, and looks again when it is there', async () => {
  const sample = await harness.sample({ initialised: false });
  const git = path.join(programs, 'git');
  const real = fs.readlinkSync(git);
  fs.unlinkSync(git);
  try {
    const window = await harness.editor.open(sample.top);
    await window.openView('Weld');
    const view = window.page.locator('[id="workbench.parts.sidebar"]');
    await view.getByText('Git was not found').waitFor();
    await view.getByRole('button', { name: 'Download Git' }).waitFor();
    fs.symlinkSync(real, git);
    await window.press(
      view.getByRole('button', { name: 'Retry' }),
      view.getByRole('button', { name: 'Initialize Repository' }),
    );
  } finally {
    if (!fs.existsSync(git)) fs.symlinkSync(real, git);
  }
});

test('a repository that git cannot read says so, links to the log, and is read again once it is fixed', async () => {
  const sample = await harness.sample();
  const config = path.join(sample.top, '.git', 'config');
  const content = fs.readFileSync(config, 'utf8');
  fs.writeFileSync(config, '[core\n');
  const window = await harness.editor.open(sample.top);
  await window.openView('Weld');
  const view = window.page.locator('[id="workbench.parts.sidebar"]');
  await view.getByText('The repository could not be read').waitFor();
  await until('the log to have the reason', () => /bad config/u.test(harness.editor.log()));
  fs.writeFileSync(config, content);
  await window.press(view.getByRole('button', { name: 'Retry' }), view.getByText('No runs yet'));
});

test('a window without a folder says how to begin', async () => {
  const window = await harness.editor.open();
  await window.openView('Weld');
  const view = window.page.locator('[id="workbench.parts.sidebar"]');
  await view.getByText('Open a folder of a git repository').waitFor();
  await view.getByRole('button', { name: 'Open Folder' }).waitFor();
});

// Only root can change the owner of a file.
test.skipIf(process.getuid?.() !== 0)(
  'a clone that belongs to another user says so, with the line that lists it as safe',
  async () => {
    const sample = await harness.sample();
    fs.chownSync(sample.top, 12_345, 12_345);
    const window = await harness.editor.open(sample.top);
    await window.openView('Weld');
    const view = window.page.locator('[id="workbench.parts.sidebar"]');
    await view.getByText('This repository belongs to another user').waitFor();
    await window.press(
      view.getByRole('button', { name: 'Check Setup' }),
      window.quick.getByRole('option', { name: `git config --global --add safe.directory ${sample.top}` }),
    );
    await window.page.keyboard.press('Escape');
    await until('the log to have the sentence', () => harness.editor.log().includes(`safe.directory ${sample.top}`));
  },
);

test("a subfolder shows the repository's runs, and a run starts from a file of the menu, wherever it is", async () => {
  const sample = await harness.sample();
  fs.mkdirSync(path.join(sample.top, 'src'));
  fs.writeFileSync(path.join(sample.top, 'src', 'inside.md'), '# Inside\n\nA thing.\n');
  const outside = harness.file('outside.md', '# Outside\n\nA thing.\n');
  const window = await harness.open(path.join(sample.top, 'src'));
  const start = async (file: string, name: string): Promise<void> => {
    await window.openFile(file);
    await window.contextMenu(window.tab(path.basename(file)), 'Start Run from This File');
    await window.answer(name);
    await window.toast(new RegExp(`Started .*${name}`, 'u')).waitFor();
  };
  await start('inside.md', 'first');
  await start(path.join(sample.top, 'docs', 'greetings.md'), 'parent');
  await start(outside, 'elsewhere');
  await window.openView('Weld');
  for (const name of ['first', 'parent', 'elsewhere']) await window.row(name).waitFor();
  const specs = fs.readdirSync(path.join(sample.weldDir, 'runs')).map(
    (run) =>
      JSON.parse(fs.readFileSync(path.join(sample.weldDir, 'runs', run, 'inputs', 'spec.ref.json'), 'utf8')) as {
        absolute_path: string;
      },
  );
  expect(specs.map((spec) => spec.absolute_path).sort()).toEqual(
    [outside, sample.spec, path.join(sample.top, 'src', 'inside.md')].sort(),
  );
});
