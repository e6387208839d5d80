import { describe, expect, it } from 'vitest';
import { acquireRunLock } from '../../../../src/core/lock';
import { untilItMayBeFree } from '../../../../src/core/lock/wait';
import { useLockWorker } from './useLockWorker';

const NEVER_LOOKS = 2 ** 30;
const request = { runId: '20260105-120000-wait', command: 'step loop 1' };

const here = useLockWorker();

describe.skipIf(process.platform !== 'linux')(
  'who waits, and would not look by itself for days, is woken',
  { timeout: 30_000 },
  () => {
    it('by the release', async () => {
      await here.worker.hold();
      const woken = untilItMayBeFree(here.weld.dir, NEVER_LOOKS, undefined, NEVER_LOOKS);
      expect(await here.worker.tell({ do: 'release' })).toMatchObject({ ok: true });
      await woken;
      await (await acquireRunLock(here.weld.dir, request)).release();
    });

    it('by a release that came between the refusal and the wait', async () => {
      await here.worker.hold();
      await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
      await here.worker.tell({ do: 'release' });
      await untilItMayBeFree(here.weld.dir, NEVER_LOOKS, undefined, NEVER_LOOKS);
    });

    it('by who cancels', async () => {
      await here.worker.hold();
      const abort = new AbortController();
      const waiting = untilItMayBeFree(here.weld.dir, NEVER_LOOKS, abort.signal, NEVER_LOOKS);
      abort.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  },
);
