import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { belongsToLock } from '../../../src/server/disk';
import { mapsTo } from '../../../src/server/plan/criteria';

const CRITERIA = ['It works on Tuesdays', '404 is returned for unknown ids', 'It is fast and small'];

describe('which criteria an issue speaks of', () => {
  it.each([
    ['2', [1]],
    [2, [1]],
    ['2.', [1]],
    ['#2', [1]],
    ['[2]', [1]],
    ['(2)', [1]],
    ['AC2', [1]],
    ['AC-2', [1]],
    ['criterion 2', [1]],
    ['criteria 2', [1]],
    ['Acceptance criteria 2', [1]],
    ['Acceptance Criterion #2', [1]],
    ['Step 1, criterion 2', [1]],
    ['step 3: AC 2', [1]],
    ['criterion 2: it returns something else', [1]],
    ['2. it returns something else', [1]],
    ['1, 3', [0, 2]],
    ['AC1 and AC2', [0, 1]],
    ['1 & 2', [0, 1]],
    ['[1,3]', [0, 2]],
    ['404 is returned for unknown ids', [1]],
    ['"404 is returned for unknown ids."', [1]],
    ['1. It works on Tuesdays', [0]],
    ['works on tuesdays', [0]],
    // It is ambiguous which one is meant.
    ['405 is returned for unknown ids', []],
    ['9', []],
    ['0', []],
    ['2 things are wrong', []],
    ['the second one', []],
    ['fast', []],
    ['', null],
    ['none', null],
    [null, null],
  ])('%j: %j', (target, places) => {
    expect(mapsTo({ maps_to: target === null ? null : String(target) }, CRITERIA)).toEqual(places);
  });
});

describe('the files of a lock', () => {
  it.each([
    ['.weld/active.lock', true],
    ['.weld/active.lock.1234', true],
    ['.weld/lock', true],
    ['.weld/lock/000001.json', true],
    ['.weld/config.toml', false],
    ['.weld/locks', false],
    ['src/active.lock', false],
    ['.weld/runs/x/meta.json', false],
  ])('%s: %s', (file, own) => {
    expect(belongsToLock(path.resolve('/repository', file))).toBe(own);
  });
});
