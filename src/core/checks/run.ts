import { stripVTControlCharacters } from 'node:util';
import type { IterationPaths } from '../artifacts/paths';
import { type CheckResult, type ChecksSummary, ChecksSummarySchema } from '../artifacts/schemas';
import { writeRecord, writeText } from '../artifacts/store';
import type { Config } from '../config/schema';
import { WeldError } from '../errors';
import type { GuardReport } from '../guard';
import { type Attempt, attempt, type CheckOperation } from './attempt';
import { failureSignature } from './signature';
import { type CheckCommand, checkCommands } from './words';

/** How much of an output the summary repeats, in characters: what a reviewer's prompt can hold. */
const SUMMARY_CHARACTERS = 20_000;

/** What the caller of checks is told as they run. */
export interface ChecksWatch {
  /** An output as it was written. */
  readonly written?: (category: string, text: string) => void;
  /** What the guard saw of a run, before anything is made of it. @param label how a sentence about it begins */
  readonly guarded?: (label: string, report: GuardReport) => void;
}

/**
 * Runs every configured check once, in order; the first that fails is named, and the others still run, because the
 * reviewer sees them all. A check that fails is run once more: passing then, it has passed and is marked flaky.
 * Writes `checks/<category>.txt` after each and `checks.summary.json` at the end. Without checks all have passed.
 * @throws WeldError `CONFIG_INVALID` before anything is run, `CANCELLED`, `LOCK_LOST`
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
  const whole = second
    ? `${heading('First run', first.exitCode)}${first.output}\n${heading('Second run', second.exitCode)}${second.output}`
    : first.output;
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

/** @throws WeldError `VIOLATION` when the check went beyond its task: nothing that it says counts then */
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

const heading = (what: string, exitCode: number): string => `[weld] ${what}, exit ${exitCode}:\n`;

/** The end of an output as plain text: colours and cursor movements mean nothing in a prompt. */
function endOf(output: string): string {
  const plain = stripVTControlCharacters(output.slice(-4 * SUMMARY_CHARACTERS)).replace(/\r\n/g, '\n');
  return plain.length > SUMMARY_CHARACTERS ? `[…]\n${plain.slice(-SUMMARY_CHARACTERS)}` : plain;
}
