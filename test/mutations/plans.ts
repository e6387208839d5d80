import type { Mutation } from './mutation';

/** Plans: what a person or a model means as a step is read, or named. */
export const PLANS: readonly Mutation[] = [
  {
    row: 'D1a', rule: 'steps in phases are counted through', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'count their steps through and label them',
    file: 'src/core/plan/families.ts', text: 'const through = (twice && phases.size > 0)', instead: 'const through = (twice && phases.size < 0)',
  },
  {
    row: 'D1b', rule: 'steps of another level are steps where there are no others', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'count their steps through and label them',
    file: 'src/core/plan/families.ts', text: 'strict ? besideStrict(all) : (firstFamily(all) ?? [])', instead: 'strict ? besideStrict(all) : []',
  },
  {
    row: 'D1c', rule: 'a state in a heading is no part of the title', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'a state in a heading',
    file: 'src/core/plan/marks.ts', text: 'const found = markAtEnd(title) ?? markAtStart(title);', instead: 'const found = markAtStart(title);',
  },
  {
    row: 'D2', rule: 'odd spaces and wide digits are read as plain ones', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'odd spaces and wide marks',
    file: 'src/core/plan/fold.ts', text: 'if (!ODD.test(line) && !WIDE.test(line)) return line;', instead: "if (line !== '') return line;",
  },
  {
    row: 'D3a', rule: 'tasks, numbers and phases are read as steps', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'a heading that is meant as a step is read:',
    file: 'src/core/plan/families.ts', text: 'strict ? besideStrict(all) : (firstFamily(all) ?? [])', instead: 'strict ? besideStrict(all) : []',
  },
  {
    row: 'D3b', rule: 'what is meant as a step and is none is named', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'is read or named beside a strict one',
    file: 'src/core/plan/near.ts', text: 'if (candidate !== null && looksMeant(one, inside, numbers))', instead: 'if (candidate !== null && numbers.has(-1))',
  },
  {
    row: 'D3c', rule: 'a list with boxes and numbers is read as steps', suite: 'unit',
    test: 'test/unit/core/plan/headings.test.ts', tests: 'a list that counts in boxes',
    file: 'src/core/plan/lenient.ts', text: "const text = firstText(lines, item).replace(BOX, '')", instead: 'const text = firstText(lines, item)',
  },
  {
    row: 'D3d', rule: 'a number or a sign before the name of a section is no part of it', suite: 'unit',
    test: 'test/unit/core/plan/corpus.test.ts', tests: 'is read as expected',
    file: 'src/core/plan/labels.ts', text: "words.replace(/^[^\\p{L}\\p{N}]+/u, '').replace(", instead: 'words.replace(',
  },
  {
    row: 'D4', rule: 'a revised plan may begin with a title of its own', suite: 'unit',
    test: 'test/unit/core/plan/normalise.test.ts', tests: 'finds the plan in a title of its own',
    file: 'src/core/plan/revised.ts', text: 'titled ||= isPlanTitle(line) &&', instead: 'titled ||= line.length < 0 &&',
  },
  {
    row: 'D5', rule: 'a remark in parentheses announces a new file', suite: 'unit',
    test: 'test/unit/server/codes.test.ts', tests: 'takes no path for missing in: `src/new.ts`: export c .new file',
    file: 'src/server/plan/paths.ts', text: '|| remarksNew(behind.slice(0, MAX_LINE), others)', instead: '',
  },
];
