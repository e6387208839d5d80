import type { Mutation } from '../mutations/mutation';

/** The rules that the attacks test. */
export const ATTACKED: readonly Mutation[] = [
  {
    row: 'attack-a',
    rule: 'seal: only what a seal bears out has passed',
    suite: 'attacks',
    file: 'src/core/steps/state/judgeBySeal.ts',
    tests: 'notice, reviewer: a process of its own session',
    text: "if (judged.state !== 'passed' && !by) return plain;",
    instead: 'if (Number(n) > 0) return plain;',
  },
  {
    row: 'attack-b',
    rule: 'one tree: what the checks left is captured again',
    suite: 'attacks',
    file: 'src/core/steps/phases/checkPhase.ts',
    tests: 'what passes is what was seen',
    text: 'if (!tree || seen.tree === tree)',
    instead: 'if (!tree || seen.tree !== "")',
  },
  {
    row: 'attack-c',
    rule: 'guard: a guest is shut in where the system can',
    suite: 'attacks',
    file: 'src/core/guard/launcher.ts',
    tests: 'prevent, fixer',
    text: "if (mode.kind === 'noticed') return start",
    instead: 'if (request.cwd.length > 0) return start',
  },
  {
    row: 'attack-d',
    rule: 'guard: what a guest did is noticed and put back',
    suite: 'attacks',
    file: 'src/core/guard/guarded.ts',
    tests: 'notice',
    text: 'const { result, found } = await runNoticed(op, guest, () => work(launcher.programs));',
    instead: 'const result = await work(launcher.programs); const found = { violations: [], warnings: [] };',
  },
  {
    row: 'attack-e',
    rule: 'verdict: words that say otherwise make it unreadable',
    suite: 'attacks',
    file: 'src/core/steps/verdict/readVerdict.ts',
    tests: 'what passes is what was seen',
    text: 'if (reading.verdict.pass && fails)',
    instead: "if (reading.verdict.pass && fails && text === '')",
  },
];
