import { describe, expect } from 'vitest';
import { type Plan, parsePlan } from '../../../src/core/plan';
import { inDepth } from '../../support/deep';
import { corpus } from '../core/plan/corpus';
import { actionsFor, apply } from './support/fixes';
import { useServer } from './support/useServer';

const use = useServer();

const count = (plan: Plan, code: string): number => plan.warnings.filter((warning) => warning.code === code).length;

describe('every quick fix', () => {
  inDepth(
    'heals what it is offered for, in every plan of the corpus, and loses no step',
    async () => {
      let applied = 0;
      const titles = new Set<string>();
      for (const [name, source] of corpus()) {
        const text = source.replace(/^\ufeff/u, '');
        const uri = use.client.open(use.workspace.path(`${name}.plan.md`), text);
        const before = parsePlan(text);
        for (const diagnostic of (await use.client.diagnostics(uri, 1)).slice(0, 40)) {
          for (const action of await actionsFor(use.client, uri, [diagnostic])) {
            const fixed = apply(text, action);
            if (fixed === text) continue; // it creates a file
            applied++;
            titles.add(action.title.replace(/".*"|`.*`/u, '…'));
            const says = `${name}: ${diagnostic.code} at line ${diagnostic.range.start.line + 1}, "${action.title}"`;
            const after = parsePlan(fixed);
            if (diagnostic.code !== 'missing-path')
              expect(count(after, diagnostic.code), says).toBeLessThan(count(before, diagnostic.code));
            expect(after.steps.length, says).toBeGreaterThanOrEqual(before.steps.length);
            // The words of the text stay: a fix may remove only marks, numbers and what it is meant to remove.
            if (action.title.startsWith('Add'))
              for (const line of text.split(/\r\n|\r|\n/u)) expect(fixed, says).toContain(line);
          }
        }
        use.client.close(uri);
      }
      expect(applied).toBeGreaterThan(100);
      expect([...titles].toSorted()).toEqual([
        'Add Acceptance criteria',
        'Add Changes',
        'Add Goal',
        'Add Tests',
        'Add a first step',
        'Add all missing sections',
        'Make every item a step: …',
        'Number the steps again',
        'Remove the empty criterion',
        'Remove the repeated criterion',
        'Say that the file is new',
        'Take the steps out of the code fence',
        'Write every step as …',
        'Write the numbers that count',
        'Write …',
      ]);
    },
    120_000,
  );
});
