import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Editor, type EditorOptions } from '../support/editor';
import { makeSample, type Sample, type SampleOptions } from '../support/sample';
import type { Workbench } from '../support/workbench';

/** The tests of a file share one VS Code; each test has its own folders and windows. */
export interface Harness {
  readonly editor: Editor;
  sample(options?: SampleOptions): Promise<Sample>;
  /** Opens a window on a folder and waits for the extension. */
  open(folder: string): Promise<Workbench>;
  /** Creates a file outside of all repositories. */
  file(name: string, content: string): string;
  /** Creates a folder outside of all repositories. */
  folder(name: string): string;
  /** Creates a workspace with several folders. @param folders absolute paths by displayed name */
  workspace(folders: Readonly<Record<string, string>>): string;
}

export function useEditor(options: EditorOptions = {}): Harness {
  let editor: Editor | undefined;
  let dir = '';
  let count = 0;
  const running = (): Editor => {
    if (!editor) throw new Error('the editor is not running');
    return editor;
  };
  beforeAll(async () => {
    editor = await Editor.start(options);
  });
  beforeEach(() => {
    dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'e2e-')));
  });
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') {
      await running().capture(context.task.name);
      console.error(running().log().slice(-4000));
    }
    for (const one of running().browser.contexts()) await one.close();
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });
  afterAll(async () => {
    await editor?.close();
  });
  const file = (name: string, content: string): string => {
    const made = path.join(dir, name);
    fs.writeFileSync(made, content);
    return made;
  };
  return {
    get editor() {
      return running();
    },
    sample: (sampleOptions = {}) => makeSample(path.join(dir, `sample-${++count}`), sampleOptions),
    open: async (folder) => (await running().open(folder)).ready(),
    file,
    folder(name) {
      const folder = path.join(dir, name);
      fs.mkdirSync(folder, { recursive: true });
      return folder;
    },
    workspace: (folders) =>
      file(
        'both.code-workspace',
        JSON.stringify({ folders: Object.entries(folders).map(([name, at]) => ({ path: at, name })) }),
      ),
  };
}
