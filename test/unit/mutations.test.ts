import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from '../mutations/all';
import { root } from '../support/paths';

// `npm run test:mutations` takes half an hour; that its table is still true of the code shows at once.
test('each rule that a mutation takes out stands where it is looked for, once, and so does its test', () => {
  const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
  const lost = MUTATIONS.flatMap((mutation) => [mutation, ...(mutation.also ?? [])].filter(({ file, text }) => read(file).split(text).length !== 2).map(({ file, text }) => `${mutation.row}: ${file}: ${text}`));
  expect(lost).toEqual([]);
  expect(MUTATIONS.filter(({ test: file }) => file !== undefined && !fs.existsSync(path.join(root, file))).map(({ row }) => row)).toEqual([]);
  expect(new Set(MUTATIONS.map(({ row }) => row)).size).toBe(MUTATIONS.length);
});
