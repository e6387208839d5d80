import * as os from 'node:os';
import { WeldError } from '../errors';
import { type GuardReport, runGuarded } from '../guard';
import { type Ended, sentence } from '../process';
import { KeptOutput } from '../process/kept';
import type { Operation } from '../project';
import type { CheckCommand } from './words';

/** Most bytes of one run's output that are kept, half of them from its beginning and half from its end. */
const KEEP_BYTES = 8 * 1024 * 1024;

export interface Attempt {
  /**
   * The program's own; else as shells count: 124 time limit, 126 not runnable, 127 missing, 128 + signal. Never -1: it
   * was run.
   */
  readonly exitCode: number;
  /** Both streams as they came, and a closing line for every end that the program did not choose. */
  readonly output: string;
  readonly guard: GuardReport;
  /** False where the middle of the output was left out. */
  readonly whole: boolean;
  /** False where a second run could only end the same. */
  readonly worthRepeating: boolean;
}

/** What a check needs of an operation. */
export type CheckOperation = Pick<Operation, 'project' | 'lock' | 'signal' | 'report'>;

/** Runs one check once. @param timeoutMs for this run @throws WeldError `CANCELLED`, `LOCK_LOST` */
export async function attempt(op: CheckOperation, check: CheckCommand, timeoutMs: number): Promise<Attempt> {
  const kept = new KeptOutput(KEEP_BYTES);
  const message = `check ${check.category}`;
  op.report({ message });
  const guest = { kind: 'check', name: check.category, label: `The check ${check.category}` } as const;
  const {
    result: { ended },
    report: guard,
  } = await runGuarded(op, guest, (programs) =>
    programs.supervise({
      file: check.file,
      args: check.args,
      cwd: op.project.top,
      inRepository: true,
      timeoutMs,
      signal: op.signal,
      keepBytes: 0,
      onOutput: (_, text) => {
        kept.add(Buffer.from(text));
        op.report({ message, stream: text });
      },
    }),
  );
  op.lock.assertHeld();
  if (ended.how === 'cancelled')
    throw new WeldError('CANCELLED', `Cancelled during the check "${check.category}"; it will be run again.`);
  const cut = kept.truncated
    ? `\n[weld] The middle of this output was left out: more than ${KEEP_BYTES / 1024 / 1024} MB.`
    : '';
  const end = ended.how === 'exited' ? '' : `\n[weld] ${check.command}: ${sentence(ended)}.`;
  const output = `${kept.bytes().toString('utf8')}${cut}${end}`;
  return {
    guard,
    whole: !kept.truncated,
    exitCode: exitCode(ended),
    output: output.endsWith('\n') || output === '' ? output : `${output}\n`,
    worthRepeating: ended.how !== 'missing' && ended.how !== 'crashed',
  };
}

function exitCode(ended: Ended): number {
  switch (ended.how) {
    case 'exited':
      return ended.exitCode === -1 ? 1 : ended.exitCode;
    case 'signalled':
      return 128 + os.constants.signals[ended.signal];
    case 'missing':
      return 127;
    case 'crashed':
      return 126;
    case 'timeout':
    case 'silent':
    case 'cancelled':
      return 124;
  }
}
