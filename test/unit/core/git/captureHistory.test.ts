import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TreeCapture } from '../../../../src/core/git/capture';
import { Filters } from '../../../../src/core/git/filters';
import type { CapturedTree } from '../../../../src/core/git/git';
import { GitRunner } from '../../../../src/core/git/runGit';
import { budget, spent } from '../../../support/budget';
import { heldLock } from '../process/support';
import { histories, take } from './history';
import { programs, unguarded, withCommit } from './support';

const { most, seconds } = budget('histories');
/** Captures do not rely on younger rules; wait this long, in ms, so that the cached index is used. */
const SETTLED_MS = 25;

test('what is captured does not depend on what was captured before', { timeout: (seconds + 60) * 1000 }, async () => {
  const pattern = (await withCommit()).top;
  const end = Date.now() + seconds * 1000;
  let done = 0;
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-')));
      try {
        fs.cpSync(pattern, top, { recursive: true, preserveTimestamps: true });
        const gitDir = path.join(top, '.git');
        const lock = heldLock(top);
        const runner = new GitRunner(top, programs);
        const fresh = (): TreeCapture => new TreeCapture(runner, gitDir, unguarded, new Filters(runner, gitDir));
        const kept = fresh();
        const warm = async (): Promise<CapturedTree> => sorted(await kept.capture(lock));
        const cold = async (): Promise<CapturedTree> => {
          const [own, aside] = [path.join(gitDir, 'weld'), path.join(gitDir, 'aside')];
          const has = fs.existsSync(own);
          if (has) fs.renameSync(own, aside);
          const captured = sorted(await fresh().capture(lock));
          fs.rmSync(own, { recursive: true });
          if (has) fs.renameSync(aside, own);
          return captured;
        };
        for (const [i, { step, first }] of history.entries()) {
          if (Date.now() > end) return; // also ends the search for a shorter failing history
          take(top, step);
          await pause(SETTLED_MS);
          const one = await (first === 'warm' ? warm : cold)();
          const other = await (first === 'warm' ? cold : warm)();
          expect(one, `after step ${i + 1}, ${first} first`).toEqual(other);
        }
        done++;
      } finally {
        fs.rmSync(top, { recursive: true, force: true });
      }
    }),
    { numRuns: most, seed: Number(process.env['WELD_HISTORY_SEED'] ?? 1) },
  ); // the same seed finds the same histories again
  spent('histories', done, 'histories');
});

const sorted = ({ tree, leftOut }: CapturedTree): CapturedTree => ({
  tree,
  leftOut: [...leftOut].sort((a, b) => (a.path < b.path ? -1 : 1)),
});
