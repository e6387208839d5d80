// `npm run test:mutations`: takes one rule out at a time, in a copy, and shows that the attack suite goes red.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { out, root } from '../support/paths';

interface Mutation {
  readonly rule: string;
  readonly file: string;
  /** Has to be there, once; the rule is gone when `instead` stands in its place. */
  readonly text: string;
  readonly instead: string;
  /** The tests that have to go red, as vitest's -t takes them. */
  readonly tests: string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'seal: only what a seal bears out has passed', file: 'src/core/steps/state/proof.ts', tests: 'notice, reviewer: a process of its own session',
    text: "if (judged.state !== 'passed' && !by) return plain;", instead: 'if (Number(n) > 0) return plain;',
  },
  {
    rule: 'one tree: what the checks left is captured again', file: 'src/core/steps/phases/check.ts', tests: 'what passes is what was seen',
    text: 'if (!tree || seen.tree === tree)', instead: 'if (!tree || seen.tree !== "")',
  },
  {
    rule: 'guard: a guest is shut in where the system can', file: 'src/core/guard/door.ts', tests: 'prevent, fixer',
    text: "if (mode.kind === 'noticed') return start", instead: 'if (request.cwd.length > 0) return start',
  },
  {
    rule: 'guard: what a guest did is noticed and put back', file: 'src/core/guard/guarded.ts', tests: 'notice',
    text: 'const { result, found } = await inCustody(op, guest, () => work(door.programs));', instead: 'const result = await work(door.programs); const found = { violations: [], warnings: [] };',
  },
  {
    rule: 'verdict: words that say otherwise make it unreadable', file: 'src/core/steps/verdict/parse.ts', tests: 'what passes is what was seen',
    text: 'if (reading.verdict.pass && fails)', instead: "if (reading.verdict.pass && fails && text === '')",
  },
];

function copy(): string {
  const to = path.join(out, 'mutant');
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(to, { recursive: true });
  for (const name of ['src', 'test', 'media', 'package.json', 'package.nls.json', 'tsconfig.json']) fs.cpSync(path.join(root, name), path.join(to, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(to, 'node_modules'));
  return to;
}

function goesRed(at: string, { file, text, instead, tests }: Mutation): boolean {
  const target = path.join(at, file);
  const original = fs.readFileSync(target, 'utf8');
  if (original.split(text).length !== 2) throw new Error(`${file} has not exactly one "${text}"; say anew what the rule is.`);
  fs.writeFileSync(target, original.replace(text, () => instead));
  const ran = spawnSync(process.execPath, [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/attacks/vitest.config.mts', '-t', tests], { cwd: at, encoding: 'utf8' });
  fs.writeFileSync(target, original);
  return ran.status !== 0 && /Tests .*failed/u.test(ran.stdout.replaceAll(/\u001b\[\d+m/gu, ''));
}

const at = copy();
let green = 0;
for (const mutation of MUTATIONS) {
  const red = goesRed(at, mutation);
  console.log(`${red ? 'red as it should be' : 'STILL GREEN'}: without "${mutation.rule}"`);
  if (!red) green += 1;
}
fs.rmSync(at, { recursive: true, force: true });
console.log(`${MUTATIONS.length - green} passed, ${green} failed`);
process.exitCode = green === 0 ? 0 : 1;
