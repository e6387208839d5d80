import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from '../mutations/all';
import { placesOf } from '../mutations/places';
import { root } from '../support/paths';

// `npm run test:mutations` takes half an hour; this checks quickly that its table still matches the code.
test('each rule that a mutation takes out stands where it is looked for, once, and so does its test', () => {
  const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
  const lost = MUTATIONS.flatMap((mutation) =>
    [mutation, ...(mutation.also ?? [])]
      .filter(({ file, text }) => placesOf(read(file), text).length !== 1)
      .map(({ file, text }) => `${mutation.row}: ${file}: ${text}`),
  );
  expect(lost).toEqual([]);
  expect(
    MUTATIONS.filter(({ test: file }) => file !== undefined && !fs.existsSync(path.join(root, file))).map(
      ({ row }) => row,
    ),
  ).toEqual([]);
  expect(new Set(MUTATIONS.map(({ row }) => row)).size).toBe(MUTATIONS.length);
});

test('a piece of code is found however it is laid out, and only whole', () => {
  const code = 'call(first, second);\ncall(\n  first,\n  second,\n);\ncall(first);';
  expect(placesOf(code, 'call(first, second)').map(({ from, to }) => code.slice(from, to))).toEqual([
    'call(first, second)',
    'call(\n  first,\n  second,\n)',
  ]);
  expect(placesOf(code, 'call(second)')).toEqual([]);
});
