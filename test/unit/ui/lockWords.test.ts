import { describe, expect, it } from 'vitest';
import { parseRunId } from '../../../src/core/artifacts/runIds';
import type { LockRecord } from '../../../src/core/lock/runLock';
import { lockDetails, lockWords } from '../../../src/ui/lockWords';

const now = Date.UTC(2026, 0, 5, 12, 10);
const holder: LockRecord = {
  pid: 4711,
  run_id: '20260105-120000-table',
  command: 'step loop 2',
  started_at: '2026-01-05T12:00:00.000000',
  last_heartbeat: '2026-01-05T12:09:58.000000',
  host: 'anvil',
  token: 'abc',
  epoch: 7,
  started_at_ms: now - 600_000,
  heartbeat_at_ms: now - 2000,
};
const work = {
  runId: parseRunId(holder.run_id),
  command: 'step loop 2',
  since: now - 65_000,
  step: undefined,
  phase: 'iteration 2 of 5: checks',
};

describe('lockWords', () => {
  it('says that the lock is free', () => {
    expect(lockWords({ kind: 'free' }, undefined, now)).toEqual({
      text: '$(unlock) Weld',
      sentence: 'The run lock is free.',
      emphasis: 'none',
    });
  });

  it('says what this window does, and for how long', () => {
    const words = lockWords({ kind: 'held', where: 'here', holder }, work, now);
    expect(words.text).toBe('$(sync~spin) Weld: step loop 2 · 1 min 5 s');
    expect(words.sentence).toMatch(
      /^This window holds the run lock: step loop 2 .*At the moment: iteration 2 of 5: checks\.$/u,
    );
    expect(words.emphasis).toBe('none');
  });

  it('names process, host, command and age of another holder', () => {
    const words = lockWords({ kind: 'held', where: 'this-machine', holder }, undefined, now);
    expect(words.text).toBe('$(lock) pid 4711 · step loop 2 · 10 min 0 s');
    expect(words.sentence).toMatch(/step loop 2 \(run 20260105-120000-table\).*4711 on anvil, for 10 min/u);
    expect(words.emphasis).toBe('warning');
    expect(lockWords({ kind: 'held', where: 'other-host', holder }, undefined, now).text).toContain(
      'pid 4711 on anvil · step loop 2',
    );
  });

  it('reads the age of a record that the command-line Weld wrote', () => {
    const { pid, run_id, command, last_heartbeat } = holder;
    const started_at = new Date(now - 60_000 - new Date(now).getTimezoneOffset() * 60_000)
      .toISOString()
      .replace('Z', '000');
    const words = lockWords(
      { kind: 'held', where: 'this-machine', holder: { pid, run_id, command, last_heartbeat, started_at } },
      undefined,
      now,
    );
    expect(words.text).toBe('$(lock) pid 4711 · step loop 2 · 1 min 0 s');
  });

  it('says why a lock is stale or unreadable', () => {
    expect(lockWords({ kind: 'stale', why: 'the process is gone', holder }, undefined, now).sentence).toContain(
      'the process is gone',
    );
    const unreadable = lockWords({ kind: 'unreadable', why: 'it is a folder' }, undefined, now);
    expect(unreadable).toMatchObject({ emphasis: 'error' });
    expect(unreadable.sentence).toContain('it is a folder');
  });

  it('says who took the lock over', () => {
    const { sentence, emphasis } = lockWords({ kind: 'lost', command: 'step loop 1', by: holder }, undefined, now);
    expect(sentence).toMatch(/while it ran step loop 1; it was taken over by step loop 2 .*4711 on anvil/u);
    expect(emphasis).toBe('error');
  });
});

describe('lockDetails', () => {
  it('lists holder, host, command, age, epoch and token', () => {
    expect(lockDetails({ kind: 'held', where: 'other-host', holder }, now)).toEqual([
      { label: 'Command', value: 'step loop 2' },
      { label: 'Run', value: '20260105-120000-table' },
      { label: 'Process', value: '4711' },
      { label: 'Host', value: 'anvil' },
      { label: 'Held for', value: '10 min 0 s' },
      { label: 'Last heartbeat', value: '2 s ago' },
      { label: 'Epoch', value: '7' },
      { label: 'Token', value: 'abc' },
    ]);
  });

  it('has nothing to list when nobody holds it', () => {
    expect(lockDetails({ kind: 'free' }, now)).toEqual([]);
  });
});
