import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from '../../../support/paths';

export const corpusDir = path.join(root, 'test/fixtures/plans');

/** Every plan of the corpus by name, and one too large to keep as a file. */
export function corpus(): ReadonlyMap<string, string> {
  const names = fs
    .readdirSync(corpusDir)
    .filter((name) => /^\d\d-.*\.md$/u.test(name))
    .sort();
  return new Map([
    ...names.map((name) => [name, fs.readFileSync(path.join(corpusDir, name), 'utf8')] as const),
    ['90-ten-thousand-lines.md', longPlan(500)],
  ]);
}

/** Makes a strict plan with 20 lines per step. */
export function longPlan(steps: number): string {
  return Array.from(
    { length: steps },
    (_, at) => `## Step ${at + 1}: Title ${at + 1}

### Goal

Do the \`thing\` number **${at + 1}**.

### Changes

- \`src/part${at + 1}.ts\` (new): the [part](x)

### Acceptance criteria

- [ ] it works
- [ ] it is fast

### Tests

- \`node --test part${at + 1}\`

`,
  ).join('');
}
