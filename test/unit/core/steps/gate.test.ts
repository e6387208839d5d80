import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../../../src/core/artifacts/schemas';
import { type Evidence, judge } from '../../../../src/core/steps/gate';

const WAIVED = { reason: 'accepted', at: '2026-01-05T12:00:00Z' };

function issue(more: Partial<Issue> = {}): Issue {
  return { severity: 'minor', file: 'a.ts', hint: 'hint', maps_to: null, ...more };
}

function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    diff: { ok: true, value: { nonEmpty: true } },
    checks: {
      ok: true,
      value: {
        categories: { test: { category: 'test', exit_code: 0, passed: true, output: '' } },
        first_failure: null,
        all_passed: true,
      },
    },
    configuredChecks: ['test'],
    review: { ok: true, value: null },
    verdict: { ok: true, value: { pass: true, issues: [] } },
    changedUnderReview: [],
    changedByChecks: [],
    violations: [],
    failOnBlockersOnly: true,
    ...more,
  };
}

const missing = { ok: false, why: 'it is missing' } as const;
const checks = (exit_code: number, passed: boolean, all_passed: boolean): Evidence['checks'] => ({
  ok: true,
  value: { categories: { test: { category: 'test', exit_code, passed, output: '' } }, first_failure: null, all_passed },
});
const verdict = (pass: boolean, ...issues: Issue[]): Evidence['verdict'] => ({ ok: true, value: { pass, issues } });

const failing = (given: Evidence): string[] =>
  judge(given)
    .gate.filter((each) => !each.ok)
    .map((each) => each.condition);

describe('the gate', () => {
  it('opens when every condition holds', () => {
    const { pass, gate } = judge(evidence());
    expect(pass).toBe(true);
    expect(gate.map((each) => each.condition)).toEqual([
      'diff_nonempty',
      'checks_passed',
      'review_ended',
      'verdict_passed',
      'no_blockers',
      'criteria_met',
    ]);
  });

  it.each<[string, Partial<Evidence>, string[]]>([
    ['the diff is empty', { diff: { ok: true, value: { nonEmpty: false } } }, ['diff_nonempty']],
    ['the diff is missing', { diff: missing }, ['diff_nonempty']],
    ['a check failed', { checks: checks(1, false, false) }, ['checks_passed']],
    ['a check says passed with exit code 1', { checks: checks(1, true, true) }, ['checks_passed']],
    ['a check says failed with exit code 0', { checks: checks(0, false, true) }, ['checks_passed']],
    ['the summary says not all passed though each did', { checks: checks(0, true, false) }, ['checks_passed']],
    ['the checks are missing', { checks: missing }, ['checks_passed']],
    ['a configured check was not run', { configuredChecks: ['test', 'lint'] }, ['checks_passed']],
    ['the reviewer did not end', { review: missing }, ['review_ended']],
    ['the verdict is missing', { verdict: missing }, ['review_ended', 'verdict_passed', 'no_blockers', 'criteria_met']],
    ['the verdict says fail', { verdict: verdict(false) }, ['verdict_passed']],
    [
      'a blocker is open though the verdict says pass',
      { verdict: verdict(true, issue({ severity: 'blocker' })) },
      ['no_blockers'],
    ],
    [
      'a minor issue maps to a criterion though the verdict says pass',
      { verdict: verdict(true, issue({ maps_to: '1' })) },
      ['criteria_met'],
    ],
    [
      'any issue is open, where blockers only is off',
      { verdict: verdict(true, issue()), failOnBlockersOnly: false },
      ['no_blockers'],
    ],
    ['the checks changed files again', { changedByChecks: ['src/a.ts'] }, ['checks_left_tree']],
    ['a guest reached for Weld', { violations: ['It wrote into .weld.'] }, ['no_violation']],
    ['files changed under the reviewer', { changedUnderReview: ['src/a.ts'] }, ['review_left_tree']],
    [
      'the verdict fails and only some of the grave issues are waived',
      { verdict: verdict(false, issue({ severity: 'blocker', waived: WAIVED }), issue({ severity: 'major' })) },
      ['verdict_passed'],
    ],
  ])('stays shut when %s', (_name, more, conditions) => {
    expect(failing(evidence(more))).toEqual(conditions);
    expect(judge(evidence(more)).pass).toBe(false);
  });

  it.each<[string, Partial<Evidence>]>([
    ['minor issues are open', { verdict: verdict(true, issue(), issue({ severity: 'major' })) }],
    [
      'the blocker behind a failing verdict is waived',
      { verdict: verdict(false, issue({ severity: 'blocker', maps_to: '1', waived: WAIVED })) },
    ],
    [
      'the blocker is waived and a minor issue is left',
      { verdict: verdict(false, issue({ severity: 'blocker', waived: WAIVED }), issue()) },
    ],
    [
      'no checks are configured',
      { checks: { ok: true, value: { categories: {}, first_failure: null, all_passed: true } }, configuredChecks: [] },
    ],
    ['a reviewer says that an issue maps to none', { verdict: verdict(true, issue({ maps_to: 'None' })) }],
  ])('opens when %s', (_name, more) => {
    expect(judge(evidence(more))).toMatchObject({ pass: true });
  });

  it('passes exactly when no recorded condition fails, and taking evidence away never opens it', () => {
    const anyIssue = fc.record({
      severity: fc.constantFrom('blocker', 'major', 'minor'),
      file: fc.string(),
      hint: fc.string(),
      maps_to: fc.option(fc.string()),
      waived: fc.option(fc.constant(WAIVED)),
    });
    const some = fc.record({
      diff: fc.constantFrom<Evidence['diff']>(
        { ok: true, value: { nonEmpty: true } },
        { ok: true, value: { nonEmpty: false } },
        missing,
      ),
      checks: fc.constantFrom<Evidence['checks']>(checks(0, true, true), checks(1, false, false), missing),
      configuredChecks: fc.constantFrom([], ['test'], ['test', 'lint']),
      review: fc.constantFrom<Evidence['review']>({ ok: true, value: null }, missing),
      verdict: fc.oneof(
        fc.constant<Evidence['verdict']>(missing),
        fc
          .tuple(fc.boolean(), fc.array(anyIssue, { maxLength: 4 }))
          .map(([pass, issues]) => verdict(pass, ...(issues as Issue[]))),
      ),
      changedUnderReview: fc.constantFrom([], ['x']),
      changedByChecks: fc.constantFrom([], ['x']),
      violations: fc.constantFrom([], ['x']),
      failOnBlockersOnly: fc.boolean(),
    });
    fc.assert(
      fc.property(some, fc.constantFrom('diff', 'checks', 'review', 'verdict'), (given, away) => {
        const { pass, gate } = judge(given);
        expect(pass).toBe(gate.every((each) => each.ok));
        expect(judge({ ...given, [away]: missing }).pass).toBe(false);
      }),
    );
  });
});
