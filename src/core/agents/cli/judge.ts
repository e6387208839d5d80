import type { Ended } from '../../process/types';
import type { FailureKind } from '../types';
import type { Report } from './reader';
import { sortTrouble, type Trouble, waitInWords } from './trouble';
import type { Stopped } from './watchdog';

export interface Evidence {
  readonly ended: Ended;
  readonly report: Report;
  /** Why Weld's own watchdog ended it, if it did. */
  readonly stopped: Stopped | undefined;
  /** Lines that were no events. */
  readonly unreadable: number;
  /** Whether it printed anything at all. */
  readonly printed: boolean;
  /** The person cancelled, or the lock is lost. */
  readonly cancelled: boolean;
  /** The last line of standard error. */
  readonly stderr: string;
}

export type Judgement =
  | { readonly ok: true; readonly answer: NonNullable<Report['answer']> }
  | { readonly ok: false; readonly failure: FailureKind; readonly words: string; readonly retryAfterMs?: number };

/** What became of a program. Only its own word that the task ended well counts as success, never its exit code. */
export function judge(evidence: Evidence): Judgement {
  const { ended, report, stopped } = evidence;
  if (evidence.cancelled && ended.how === 'cancelled') return { ok: false, failure: 'cancelled', words: '' };
  if (report.answer) return { ok: true, answer: report.answer };
  switch (ended.how) {
    case 'missing':
      return { ok: false, failure: 'missing', words: '' };
    case 'crashed':
      return { ok: false, failure: 'crash', words: ended.why };
    case 'timeout':
      return { ok: false, failure: 'timeout', words: `its time limit of ${duration(ended.afterMs)} was over` };
    case 'cancelled':
    case 'silent':
      // A service that is asked again and again without end is the network's fault, not the model's.
      if (report.trouble) return troubled(report.trouble);
      return {
        ok: false,
        failure: 'timeout',
        words: stopped === 'silent' ? 'it gave no sign of progress for too long' : 'it was stopped from outside',
      };
    case 'exited':
    case 'signalled':
      if (report.trouble) return troubled(report.trouble);
      return ended.how === 'exited'
        ? exited(ended.exitCode, evidence)
        : { ok: false, failure: 'crash', words: `ended by ${ended.signal}` };
  }
}

function troubled(trouble: Trouble): Judgement {
  const failure = sortTrouble(trouble);
  const retryAfterMs = failure === 'rate_limit' ? (trouble.retryAfterMs ?? waitInWords(trouble.text)) : undefined;
  return { ok: false, failure, words: trouble.text, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function exited(exitCode: number, evidence: Evidence): Judgement {
  if (evidence.unreadable > 0 && exitCode === 0)
    return { ok: false, failure: 'unreadable', words: `${evidence.unreadable} lines were no events` };
  if (exitCode === 0)
    return {
      ok: false,
      failure: 'no_answer',
      words: evidence.printed ? 'it never said how the task ended' : 'it printed nothing',
    };
  const failure = evidence.stderr === '' ? 'crash' : sortTrouble({ text: evidence.stderr });
  return { ok: false, failure, words: [`exit ${exitCode}`, evidence.stderr].filter((word) => word !== '').join(': ') };
}

const duration = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
