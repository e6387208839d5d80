/**
 * Stands in for the extension host in a separate process: supervises one program until it is killed, and keeps another
 * supervisor waiting.
 */

import type { RunLock } from '../../../../src/core/lock/runLock';
import { createPrograms } from '../../../../src/core/process/index';
import { supervisionOf } from '../../../../src/core/process/supervision';
import { silentLogger } from '../../../../src/core/util/logger';
import { storage } from '../../../support/storage';

const [supervisorPath = '', top = '', ...words] = process.argv.slice(2);
const lock = {
  weldDir: `${top}/.weld`,
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
  signal: new AbortController().signal,
  assertHeld: () => undefined,
} as unknown as RunLock;
const programs = createPrograms({ log: silentLogger, supervisorPath, storage });
const supervision = supervisionOf(programs);
supervision.keepSpare(lock);
void supervision.supervise({
  lock,
  file: words[0] ?? '',
  args: words.slice(1),
  cwd: top,
  timeoutMs: 600_000,
});
