/**
 * Runs a shell command as a guest, in a process that tests can start as another user: `guest <top> <storage>
 * <supervisor> <mode> <command>`. Prints a JSON answer.
 */

import { runGuarded } from '../../../../src/core/guard';
import { acquireRunLock } from '../../../../src/core/lock';
import { openProject } from '../../../../src/core/openProject';
import { silentLogger } from '../../../../src/core/util/logger';

async function main(): Promise<void> {
  const [top = '', storage = '', supervisorPath = '', mode = '', command = ''] = process.argv.slice(2);
  const project = await openProject(top, {
    log: silentLogger,
    storage,
    supervisorPath,
    ...(mode === 'notice' && { guarding: 'notice' as const }),
  });
  await using lock = await acquireRunLock(project.paths.root, { runId: '20260105-120000-sample', command: 'test' });
  const op = { project, lock, signal: lock.signal };
  const { result, report } = await runGuarded(op, { kind: 'check', name: 'test', label: 'The check test' }, (guest) =>
    guest.supervise({ file: '/bin/sh', args: ['-c', command], cwd: top, timeoutMs: 60_000, inRepository: true }),
  );
  const words = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  process.stdout.write(
    JSON.stringify({ report, ended: result.ended, stdout: words(result.stdout), stderr: words(result.stderr) }),
  );
}

main().catch((error: unknown) => {
  process.stdout.write(
    JSON.stringify({ error: error instanceof Error ? { ...error, message: error.message } : String(error) }),
  );
});
