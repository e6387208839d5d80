import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { Editor } from '../support/editor';
import type { ServerFiles } from '../support/host/lay-down';
import { root } from '../support/paths';
import { until } from '../support/run';
import type { Workbench } from '../support/workbench';
import { middlePair, type Pair } from './median';
import type { Row } from './report';
import { untilQuiet } from './window.quiet';
import type { Repository } from './window.repository';

const WINDOWS = 5;
const STARTS = 15;
const EXTENSIONS = { weld: 'weld.weld', json: 'vscode.json-language-features', git: 'vscode.git' } as const;
type Extension = keyof typeof EXTENSIONS;

/** The window is so high that its list of activation times is drawn to its end. */
const HEIGHT = 5000;

/**
 * What each window waits for: the code that is loaded, and the call that activates. Ms, by the window's own clock, of
 * ours and of extensions that VS Code brings, in the same windows.
 */
export async function activationRows(repository: Repository, files: ServerFiles): Promise<Row[]> {
  const seen: Record<Extension, number>[] = [];
  const editor = await Editor.start();
  try {
    for (let window = 0; window < WINDOWS; window++) {
      const workbench = await editor.open(repository.top, { height: HEIGHT, file: repository.json });
      await workbench.ready();
      await untilQuiet(editor);
      seen.push(await activationTimes(workbench));
      await workbench.page.context().close();
      await untilQuiet(editor);
    }
    return [...windowRows(seen), ...codeRows(files, editor.extension)];
  } finally {
    await editor.close();
  }
}

function windowRows(seen: readonly Record<Extension, number>[]): Row[] {
  const against = (other: Extension): Pair[] => seen.map((times) => ({ ours: times.weld, reference: times[other] }));
  const what = 'activation in a new window, code and call';
  return [
    { what: `${what} / the built-in JSON extension's`, ...middlePair(against('json')), unit: 'ms', limit: 1.2 },
    { what: `${what} / the built-in Git extension's`, ...middlePair(against('git')), unit: 'ms' },
  ];
}

/** Reads the table of *Developer: Startup Performance*: ms of code loading and of the call. */
async function activationTimes(workbench: Workbench): Promise<Record<Extension, number>> {
  await workbench.command('Developer: Startup Performance');
  const lines = workbench.page.locator('[id="workbench.parts.editor"] .view-lines'); // FRAGILE
  return until(
    'the activation times',
    async () => {
      const text = (await lines.allInnerTexts()).join('\n');
      const times = { weld: timeIn(text, 'weld'), json: timeIn(text, 'json'), git: timeIn(text, 'git') };
      return Object.values(times).every((time) => time > 0) ? times : null;
    },
    60_000,
  );
}

/** @returns 0 where the table has no row of that extension yet */
function timeIn(table: string, extension: Extension): number {
  const row = table.split('\n').find((line) => line.split('|')[1]?.trim() === EXTENSIONS[extension]);
  const [code = 0, call = 0] = (row ?? '').split('|').slice(3, 5).map(Number);
  return code + call;
}

/** The code alone, in a node of its own: processor time, which a busy machine leaves as it is. */
function codeRows({ node, vscode }: ServerFiles, installed: string): Row[] {
  const folders: Readonly<Record<Extension, string>> = {
    weld: installed,
    json: path.join(vscode, 'extensions/json-language-features'),
    git: path.join(vscode, 'extensions/git'),
  };
  const loading = (extension: Extension): number =>
    Number(
      execFileSync(node, [path.join(root, 'test/bench/window.require.cjs'), folders[extension]], { encoding: 'utf8' }),
    );
  const rounds = Array.from({ length: STARTS }, () => ({
    weld: loading('weld'),
    json: loading('json'),
    git: loading('git'),
  }));
  const against = (other: Extension): Pair[] => rounds.map((times) => ({ ours: times.weld, reference: times[other] }));
  const what = "processor time to load the extension's code";
  return [
    { what: `${what} / the built-in JSON extension's`, ...middlePair(against('json')), unit: 'ms', limit: 1.2 },
    { what: `${what} / the built-in Git extension's`, ...middlePair(against('git')), unit: 'ms' },
  ];
}
