import { createHash } from 'node:crypto';
import * as os from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import type { IterationPaths } from '../artifacts/paths';
import { type CheckResult, type ChecksSummary, ChecksSummarySchema } from '../artifacts/schemas';
import { writeRecord, writeText } from '../artifacts/store';
import type { Config } from '../config/schema';
import { type GuardReport, runGuarded } from '../guard';
import { type Ended, sentence } from '../process';
import { KeptOutput } from '../process/follow';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { type CheckCommand, checkCommands } from './checkCommands';

/** Maximum number of characters of an output in the summary: a reviewer's prompt has to hold it. */
const SUMMARY_CHARACTERS = 20_000;

/** Callbacks that report on checks as they run. */
export interface ChecksWatch {
  /** Called after the output of a check was written. */
  readonly written?: (category: string, text: string) => void;
  /** Called with the guard's report of each run, before its result is used. @param label the subject of a sentence */
  readonly guarded?: (label: string, report: GuardReport) => void;
}

/**
 * Runs every configured check in order. The summary names the first failure, but the others still run, because the
 * reviewer sees them all. A check that fails runs once more; if it then passes, it has passed and is marked flaky.
 * Writes `checks/<category>.txt` after each check and `checks.summary.json` at the end. Without checks all have passed.
 * @throws WeldError `CONFIG_INVALID` before anything runs, `VIOLATION`, `CANCELLED`, `LOCK_LOST`
 */
export async function runChecks(
  op: CheckOperation,
  config: Config,
  iteration: IterationPaths,
  watch: ChecksWatch = {},
): Promise<ChecksSummary> {
  const commands = checkCommands(config);
  const timeoutMs = config.checks.timeout_seconds * 1000;
  const results: CheckResult[] = [];
  for (const command of commands) {
    const { result, whole } = await runCheck(op, command, timeoutMs, watch);
    await writeText(op.lock, iteration.check(command.category), whole);
    watch.written?.(command.category, whole);
    results.push(result);
  }
  const firstFailure = results.find((result) => !result.passed)?.category ?? null;
  const summary: ChecksSummary = {
    categories: Object.fromEntries(results.map((result) => [result.category, result])),
    first_failure: firstFailure,
    all_passed: firstFailure === null,
  };
  await writeRecord(op.lock, iteration.checksSummary, ChecksSummarySchema, summary);
  return summary;
}

async function runCheck(
  op: CheckOperation,
  check: CheckCommand,
  timeoutMs: number,
  watch: ChecksWatch,
): Promise<{ result: CheckResult; whole: string }> {
  const first = await attemptFairly(op, check, timeoutMs, watch);
  const second =
    first.exitCode !== 0 && first.worthRepeating ? await attemptFairly(op, check, timeoutMs, watch) : undefined;
  const last = second ?? first;
  const whole = second ? `${withHeading('First run', first)}\n${withHeading('Second run', second)}` : first.output;
  const passed = last.exitCode === 0;
  return {
    whole,
    result: {
      category: check.category,
      exit_code: last.exitCode,
      passed,
      output: endOf(passed ? last.output : whole),
      ...(passed && second ? { flaky: true } : {}),
      ...(!passed && last.whole ? { signature: failureSignature(last.output, op.project.top) } : {}),
    },
  };
}

/** @throws WeldError `VIOLATION` if the check went beyond its task: then its result does not count */
async function attemptFairly(
  op: CheckOperation,
  check: CheckCommand,
  timeoutMs: number,
  watch: ChecksWatch,
): Promise<Attempt> {
  const made = await attempt(op, check, timeoutMs);
  watch.guarded?.(`The check ${check.category}`, made.guard);
  for (const sentence of made.guard.warnings) op.project.log.warn(sentence);
  if (made.guard.violations.length > 0) throw new WeldError('VIOLATION', made.guard.violations.join(' '));
  return made;
}

const withHeading = (what: string, { exitCode, output }: Attempt): string =>
  `[weld] ${what}, exit ${exitCode}:\n${output}`;

/** The end of an output as plain text, because colours and cursor movements mean nothing in a prompt. */
function endOf(output: string): string {
  const plain = stripVTControlCharacters(output.slice(-4 * SUMMARY_CHARACTERS)).replace(/\r\n/g, '\n');
  return plain.length > SUMMARY_CHARACTERS ? `[…]\n${plain.slice(-SUMMARY_CHARACTERS)}` : plain;
}

/** Maximum number of bytes kept of one run's output, half from its beginning and half from its end. */
const KEEP_BYTES = 8 * 1024 * 1024;

/** The result of running a check once. */
export interface Attempt {
  /**
   * The program's exit code; without one, as in a shell: 124 for the time limit, 126 not executable, 127 missing,
   * 128 + signal. Never -1, which means that the checks did not run.
   */
  readonly exitCode: number;
  /** Both streams in the order received, and a last line if the program did not exit by itself. */
  readonly output: string;
  readonly guard: GuardReport;
  /** False if the middle of the output was left out. */
  readonly whole: boolean;
  /** False if a second run could only end the same way. */
  readonly worthRepeating: boolean;
}

/** What a check needs of an operation. */
export type CheckOperation = Pick<Operation, 'project' | 'lock' | 'signal' | 'report'>;

/** Runs one check once. @param timeoutMs time limit in ms @throws WeldError `CANCELLED`, `LOCK_LOST` */
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

/** Text that differs between runs of the same failure without meaning anything, and its replacement. */
const VARIES: readonly (readonly [pattern: RegExp, place: string])[] = [
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/gu, '<time>'],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/gu, '<time>'],
  [/(?<![\w.])\d{1,12}(?:\.\d{1,9})?\s?(?:ns|µs|us|ms|s|sec|secs|seconds|m|min|minutes)\b/gu, '<duration>'],
  [/\b0x[0-9a-f]{4,16}\b/giu, '<address>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu, '<id>'],
  [/\bpid[ =:]{1,3}\d{1,8}\b/giu, 'pid <n>'],
  [/(?:\/private)?(?:\/tmp|\/var\/tmp|\/var\/folders|\/dev\/shm)\/[^\s'":,;)\]]{1,200}/gu, '<temporary>'],
  // The number of passing tests grows with every step.
  [
    /\b\d{1,9} (?:tests? )?(?:passed|passing|pass|ok|total|tests?|examples?|assertions?|succeeded|skipped)\b/giu,
    '<count>',
  ],
  [/\b(?:tests|pass|passed|total|duration_ms)[ :=]{1,3}\d{1,9}(?:\.\d{1,9})?\b/giu, '<count>'],
  [/\(\d{1,9}\)/gu, '<count>'],
];
/** Lines that report something passing. */
const PASSES = /^\s*(?:[✓✔√]|ok\b|PASS\b|--- PASS|=== RUN|test .{1,300} \.\.\. ok$)/u;

/**
 * A digest of a failing check's output without colours, times, temporary paths and passing tests. Everything else
 * counts, also line numbers and numbers of failures: two failures with the same signature are the same failure.
 * @param top the repository's top folder, whose path is left out too
 */
export function failureSignature(output: string, top: string): string {
  const lines = stripVTControlCharacters(output)
    .replaceAll(top, '<repository>')
    .split(/\r?\n/u)
    .filter((line) => !PASSES.test(line))
    .map((line) =>
      VARIES.reduce((text, [pattern, place]) => text.replace(pattern, place), line.slice(0, 2_000))
        .replace(/\s+/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '');
  // Sorted, because tests that run in parallel end in any order.
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
}
