import { describe, expect, it } from 'vitest';
import type { TortureEvent } from '../../torture/events';
import { parseEvents } from '../../torture/events';
import { faults, judge } from '../../torture/judge';

const acquired = (who: string, t: number, epoch: number, how: 'free' | 'take-over' = 'free'): TortureEvent => ({
  ev: 'acquired',
  who,
  t,
  epoch,
  how,
});
const at = (
  ev: 'write' | 'lost' | 'releasing' | 'taking-over',
  who: string,
  t: number,
  epoch: number,
): TortureEvent => ({ ev, who, t, epoch });
const blow = (ev: 'kill' | 'stop' | 'continue', who: string, t: number): TortureEvent => ({ ev, who, t });

describe('judge', () => {
  it('finds nothing in turns that follow each other', () => {
    const report = judge([
      acquired('a', 1, 1),
      at('write', 'a', 2, 1),
      at('releasing', 'a', 3, 1),
      acquired('b', 4, 2),
      at('write', 'b', 5, 2),
      blow('kill', 'b', 6),
      acquired('c', 7, 3),
    ]);
    expect(report).toMatchObject({
      acquisitions: 3,
      writes: 2,
      kills: 1,
      overlaps: 0,
      overlapsSuspended: 0,
      acceptedAfterSuccessor: 0,
      lateRefused: 0,
    });
    expect(faults(report)).toBe(0);
  });

  it('sees a second holder beside a living one', () => {
    const report = judge([acquired('a', 1, 1), acquired('b', 2, 2), at('releasing', 'a', 3, 1)]);
    expect(report.overlaps).toBe(1);
    expect(faults(report)).toBe(1);
  });

  it('sees it also when another turn lies between', () => {
    expect(
      judge([
        acquired('a', 1, 1),
        blow('stop', 'a', 2),
        acquired('b', 3, 2),
        at('releasing', 'b', 4, 2),
        blow('continue', 'a', 5),
        acquired('c', 6, 3),
      ]),
    ).toMatchObject({ overlaps: 1, overlapsSuspended: 1 });
  });

  it('counts a turn got between the log of a kill and the kill as ended by it, and no more than that turn', () => {
    expect(
      judge([
        blow('kill', 'a', 1),
        acquired('a', 2, 1),
        acquired('b', 3, 2),
        at('releasing', 'b', 4, 2),
        acquired('c', 5, 3),
      ]),
    ).toMatchObject({ acquisitions: 3, overlaps: 0 });
    expect(judge([blow('kill', 'a', 1), acquired('a', 2, 1), acquired('b', 3, 2), acquired('c', 5, 3)])).toMatchObject({
      overlaps: 1,
    });
  });

  it('allows displacing by decision, and the turns after it', () => {
    const report = judge([
      acquired('a', 1, 1),
      at('taking-over', 'b', 2, 1),
      acquired('b', 3, 2, 'take-over'),
      at('releasing', 'b', 4, 2),
      acquired('c', 5, 3),
      at('lost', 'a', 6, 1),
    ]);
    expect(report).toMatchObject({ takeOvers: 1, lossesNoticed: 1, overlaps: 0 });
  });

  it('sees one number given twice', () => {
    expect(judge([acquired('a', 1, 1), at('releasing', 'a', 2, 1), acquired('b', 3, 1)]).sameEpoch).toBe(1);
  });

  it('tells a lock asserted after a successor had it from a write that was only late', () => {
    const taken = [
      acquired('a', 1, 1),
      at('taking-over', 'b', 2, 1),
      acquired('b', 5, 2, 'take-over'),
      at('write', 'b', 6, 2),
    ];
    expect(judge([...taken, at('write', 'a', 7, 1)])).toMatchObject({ acceptedAfterSuccessor: 1 });
    expect(judge([...taken, at('write', 'a', 4, 1)])).toMatchObject({ acceptedAfterSuccessor: 0, lateRefused: 1 });
  });

  it('counts what a worker met and must not', () => {
    expect(faults(judge([{ ev: 'error', who: 'a', t: 1, text: 'EBADF' }]))).toBe(1);
  });
});

describe('parseEvents', () => {
  it('passes over a line that a kill cut short', () => {
    expect(parseEvents('{"ev":"rm","who":"stranger","t":1}\n{"ev":"wri')).toHaveLength(1);
  });
});
