import * as path from 'node:path';
import { expect, test } from 'vitest';
import { bundled } from '../../../support/bundles';
import { run } from '../../../support/run';
import { bundledSupervisor, temporaryFolder } from './support';

test('without a file descriptor to spare both ways say so, nothing is uncaught, and later all is well', async () => {
  const top = temporaryFolder();
  const words = [bundled(path.join('test/unit/core/process/descriptors.ts')), bundledSupervisor(), top];
  const ran = await run('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, ...words], {
    timeoutMs: 60_000,
  });
  expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
  const well = { run: { how: 'exited', exitCode: 0 }, supervise: { how: 'exited', exitCode: 0 } };
  const full = {
    how: 'crashed',
    why: expect.stringMatching(
      /could not be started, because too many files are open; close some windows or raise the limit/u,
    ) as string,
  };
  expect(JSON.parse(ran.stdout)).toEqual({ before: well, without: { run: full, supervise: full }, after: well });
});
