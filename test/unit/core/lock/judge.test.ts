import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openUnfollowed } from '../../../../src/core/lock/fs';
import type { LockRecord } from '../../../../src/core/lock/runLock';
import { judge, Observations } from '../../../../src/core/lock/survey';
import { WeldFolder } from './weldFolder';

const self = { pid: 10, host: 'here', boot_id: 'boot', pid_ns: 'pid:[1]' };
const record: LockRecord = {
  pid: 20,
  run_id: 'r',
  command: 'c',
  started_at: 's',
  last_heartbeat: 's',
  host: 'here',
  boot_id: 'boot',
  pid_ns: 'pid:[1]',
  token: 't',
  epoch: 1,
  heartbeat_at_ms: 1,
};
const HOUR = 3_600_000;

describe('a record that stands unchanged for an hour of looks', () => {
  const afterAnHour = (change: Partial<LockRecord>): string => {
    let now = 0;
    const observations = new Observations(() => now);
    const processes = { self: () => self, mayLive: () => true };
    const look = (): string =>
      judge({ ...record, ...change }, { self, processes, observations, staleAfterMs: 60_000 }).kind;
    let kind = look();
    for (; now < HOUR; now += 1000) kind = look();
    return kind;
  };

  it.each([
    ['of a live process of this machine', {}, 'live'],
    [
      'of this machine, by its start, in another pid namespace and under another name: paused, perhaps',
      { host: 'container', pid_ns: 'pid:[2]' },
      'live',
    ],
    ['of another machine', { host: 'elsewhere', boot_id: 'other', pid_ns: 'pid:[2]' }, 'dead'],
    ['of a machine that tells no start', { host: 'elsewhere', boot_id: undefined, pid_ns: undefined }, 'dead'],
  ] as const)('%s', (_name, change, kind) => {
    expect(afterAnHour(change as Partial<LockRecord>)).toBe(kind);
  });
});

describe('how long something has stood', () => {
  it('adds up what passes between looks, but no sleep', () => {
    let now = 0;
    const observations = new Observations(() => now);
    const at = (ms: number, key = 'a'): number => {
      now = ms;
      return observations.unchanged(key);
    };
    expect([at(0), at(1000), at(3000)]).toEqual([0, 1000, 3000]);
    expect(at(3000 + 8 * HOUR)).toBe(8000);
    expect(at(3000 + 8 * HOUR + 100)).toBe(8100);
    expect(at(3000 + 8 * HOUR + 200, 'b')).toBe(0);
  });
});

describe('a system without a flag against following links', () => {
  it('looks before it opens', () => {
    const weld = new WeldFolder();
    try {
      const target = path.join(weld.outside, 'target');
      fs.writeFileSync(target, 'secret');
      fs.symlinkSync(target, weld.face);
      expect(() => openUnfollowed(weld.face, 0)).toThrow(expect.objectContaining({ code: 'ELOOP' }));
      const handle = openUnfollowed(target, 0);
      expect(fs.readFileSync(handle, 'utf8')).toBe('secret');
      fs.closeSync(handle);
      expect(() => openUnfollowed(path.join(weld.dir, 'none'), 0)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    } finally {
      weld.remove();
    }
  });
});
