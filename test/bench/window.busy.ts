import * as fs from 'node:fs';
import * as path from 'node:path';
import { Editor } from '../support/editor';
import { processorSeconds, treeOf } from '../support/usage';
import { middlePair, type Pair } from './median';
import type { Row } from './report';
import { untilQuiet } from './window.quiet';
import type { Repository } from './window.repository';

const ROUNDS = 3;
const SPELL_MS = 10_000;
const BETWEEN_FILES_MS = 250;
/** Processor seconds below which a spell counts as that many: a ratio of two noises would say nothing. */
const FLOOR_S = 0.2;

/**
 * What a window spends on the work of another process: the extension host's processor time in ten seconds with four
 * files a second written into the run that is shown, and in ten idle ones.
 */
export async function busyRows({ top, newest }: Repository): Promise<Row[]> {
  // The Git extension, in the same host, would look at each change too.
  const editor = await Editor.start({ settings: { 'git.enabled': false } });
  try {
    const workbench = await editor.open(top);
    await workbench.openView('Weld');
    // As a person has it who watches the work: the run is expanded, and so is its last step.
    for (const [at, level] of [1, 2].entries()) {
      const closed = workbench.tree().locator(`[role=treeitem][aria-level="${level}"][aria-expanded="false"]`);
      const row = at === 0 ? closed.first() : closed.last();
      await row.waitFor({ timeout: 150_000 });
      await row.locator('.monaco-tl-twistie').click(); // FRAGILE
    }
    await untilQuiet(editor);
    const host = editor.server.hostPids.at(-1) ?? 0;
    const folder = path.join(newest, 'steps/02-write-the-file/iter/01');
    const pairs: Pair[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const idle = await spell(host, () => undefined);
      pairs.push({ ours: await spell(host, (n) => write(folder, n)), reference: idle });
    }
    return [
      {
        what: `processor time of the host in 10 s while four files a second are written / idle (${FLOOR_S} s at least)`,
        ...middlePair(pairs),
        unit: 's',
        limit: 1.3,
      },
    ];
  } finally {
    await editor.close();
  }
}

/** Processor seconds of a process and all that it starts. @param act is called four times a second */
async function spell(pid: number, act: (n: number) => void): Promise<number> {
  const before = processorSeconds(treeOf(pid));
  const begun = performance.now();
  for (let n = 0; performance.now() - begun < SPELL_MS; n++) {
    act(n);
    await new Promise((wake) => setTimeout(wake, BETWEEN_FILES_MS));
  }
  return Math.max(FLOOR_S, processorSeconds(treeOf(pid)) - before);
}

/** What a loop writes: output that grows, and records that are replaced whole. */
function write(folder: string, n: number): void {
  if (n % 2 === 0) {
    fs.writeFileSync(path.join(folder, 'checks', `output-${n % 8}.txt`), `line ${n}\n`);
    return;
  }
  const file = path.join(folder, 'timing.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify({ ai_invocation_ms: n, checks_ms: n, review_ms: n, total_ms: 3 * n }));
  fs.renameSync(`${file}.new`, file);
}
