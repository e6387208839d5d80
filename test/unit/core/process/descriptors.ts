/**
 * A process without free file descriptors, started by a test: how do programs fail then, and do they work afterwards?
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RunLock } from '../../../../src/core/lock/runLock';
import { createPrograms } from '../../../../src/core/process/index';
import { supervisionOf } from '../../../../src/core/process/supervision';
import { silentLogger } from '../../../../src/core/util/logger';

const [supervisorPath = '', top = ''] = process.argv.slice(2);
const lock = {
  weldDir: path.join(top, '.weld'),
  signal: new AbortController().signal,
  assertHeld: () => undefined,
  record: {
    pid: process.pid,
    run_id: 'r',
    command: 'c',
    started_at: '',
    last_heartbeat: '',
    host: 'here',
    boot_id: 'b',
    pid_ns: 'n',
    epoch: 6,
  },
} as unknown as RunLock;
const programs = createPrograms({ log: silentLogger, supervisorPath, storage: path.join(top, 'storage') });
const request = { file: 'true', args: [], cwd: top, timeoutMs: 20_000 };
const both = async (): Promise<unknown> => ({
  run: (await programs.run(request)).ended,
  supervise: (await supervisionOf(programs).supervise({ ...request, lock })).ended,
});

async function main(): Promise<void> {
  const before = await both();
  const open: number[] = [];
  try {
    for (;;) open.push(fs.openSync('/dev/null', 'r'));
  } catch {
    // none is left
  }
  const without = await both();
  for (const one of open) fs.closeSync(one);
  process.stdout.write(`${JSON.stringify({ before, without, after: await both() })}\n`);
}

void main();
