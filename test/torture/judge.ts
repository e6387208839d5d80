import type { TortureEvent } from './events';

/** The findings from a log. Shares no code with the lock. */
export interface TortureReport {
  readonly acquisitions: number;
  readonly takeOvers: number;
  readonly writes: number;
  /** Number of holders that learned of their loss. */
  readonly lossesNoticed: number;
  readonly kills: number;
  readonly stops: number;
  readonly removals: number;
  /** Acquisitions while the previous holder lived, ran, and was not deliberately displaced. */
  readonly overlaps: number;
  /** The same, while the previous holder was stopped. */
  readonly overlapsSuspended: number;
  /** Acquisitions with the same fencing number. */
  readonly sameEpoch: number;
  /** Successful assertions after a successor had acquired the lock. */
  readonly acceptedAfterSuccessor: number;
  /**
   * Late writes by a process that was overtaken between its assertion and its write; readers refuse them by their lower
   * number.
   */
  readonly lateRefused: number;
  readonly errors: readonly string[];
}

interface Tenure {
  readonly who: string;
  readonly epoch: number;
  readonly from: number;
  readonly how: 'free' | 'take-over';
  /** When it began to release, died, learned of its loss, or was deliberately displaced. */
  end: number;
}

export function judge(events: readonly TortureEvent[]): TortureReport {
  const tenures = tenuresOf(events);
  const suspended = suspensionsOf(events);
  let overlaps = 0;
  let overlapsSuspended = 0;
  let latest: Tenure | undefined;
  let sameEpoch = 0;
  // In the order of fencing numbers, comparing each tenure with the earlier one that ends last is enough.
  for (const next of [...tenures].sort((a, b) => a.epoch - b.epoch)) {
    if (latest?.epoch === next.epoch) sameEpoch += 1;
    if (latest && next.how === 'free' && latest.end > next.from) {
      if (suspended(latest.who, next.from)) overlapsSuspended += 1;
      else overlaps += 1;
    }
    if (!latest || next.end > latest.end) latest = next;
  }
  const count = (ev: TortureEvent['ev']): number => events.filter((event) => event.ev === ev).length;
  return {
    acquisitions: tenures.length,
    takeOvers: tenures.filter(({ how }) => how === 'take-over').length,
    writes: count('write'),
    lossesNoticed: count('lost'),
    kills: count('kill'),
    stops: count('stop'),
    removals: count('rm'),
    overlaps,
    overlapsSuspended,
    sameEpoch,
    ...late(events, tenures),
    errors: events.flatMap((event) => (event.ev === 'error' ? [`${event.who}: ${event.text}`] : [])),
  };
}

/** Findings that must all be zero. */
export function faults(report: TortureReport): number {
  return (
    report.overlaps + report.overlapsSuspended + report.sameEpoch + report.acceptedAfterSuccessor + report.errors.length
  );
}

function tenuresOf(events: readonly TortureEvent[]): Tenure[] {
  const all: Tenure[] = [];
  const open = new Map<string, Tenure>();
  // May come before or after the acquisition in the log: a holder can be displaced before it logs its acquisition.
  const decided = new Map<number, number>();
  // A kill is logged before it is sent; on a busy machine its victim may still acquire the lock in between.
  const killed = new Set<string>();
  for (const event of events) {
    if (event.ev === 'taking-over') decided.set(event.epoch, Math.min(event.t, decided.get(event.epoch) ?? Infinity));
    if (event.ev === 'acquired') {
      const tenure: Tenure = {
        who: event.who,
        epoch: event.epoch,
        from: event.t,
        how: event.how,
        end: killed.has(event.who) ? event.t : Infinity,
      };
      all.push(tenure);
      open.set(event.who, tenure);
    }
    if (event.ev === 'kill') killed.add(event.who);
    if (event.ev !== 'releasing' && event.ev !== 'lost' && event.ev !== 'kill') continue;
    const tenure = open.get(event.who);
    if (tenure) tenure.end = Math.min(tenure.end, event.t);
  }
  for (const tenure of all) tenure.end = Math.min(tenure.end, decided.get(tenure.epoch) ?? Infinity);
  return all;
}

function suspensionsOf(events: readonly TortureEvent[]): (who: string, at: number) => boolean {
  const changes = new Map<string, { readonly t: number; readonly stopped: boolean }[]>();
  for (const event of events) {
    if (event.ev !== 'stop' && event.ev !== 'continue') continue;
    const list = changes.get(event.who) ?? [];
    list.push({ t: event.t, stopped: event.ev === 'stop' });
    changes.set(event.who, list);
  }
  return (who, at) =>
    changes
      .get(who)
      ?.filter(({ t }) => t <= at)
      .at(-1)?.stopped === true;
}

function late(
  events: readonly TortureEvent[],
  tenures: readonly Tenure[],
): Pick<TortureReport, 'acceptedAfterSuccessor' | 'lateRefused'> {
  // The highest number acquired so far, as increasing steps over time.
  const steps: { readonly from: number; readonly epoch: number }[] = [];
  for (const { from, epoch } of [...tenures].sort((a, b) => a.from - b.from))
    if (epoch > (steps.at(-1)?.epoch ?? -1)) steps.push({ from, epoch });
  const highestBefore = (t: number): number => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle]?.from ?? Infinity) < t) low = middle + 1;
      else high = middle;
    }
    return steps[low - 1]?.epoch ?? -1;
  };
  let acceptedAfterSuccessor = 0;
  let lateRefused = 0;
  let reader = -1;
  for (const event of events) {
    if (event.ev !== 'write') continue;
    if (highestBefore(event.t) > event.epoch) acceptedAfterSuccessor += 1;
    if (event.epoch < reader) lateRefused += 1;
    reader = Math.max(reader, event.epoch);
  }
  return { acceptedAfterSuccessor, lateRefused };
}
