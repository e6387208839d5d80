/** A rule of the product, how to remove it, and the test that must fail without it. */
export interface Mutation extends Edit {
  /**
   * The number of the fault of version 0.1.0 that the rule fixes; a letter distinguishes several rules for one fault.
   */
  readonly row: string;
  /** The rule, as a statement that is false without it. */
  readonly rule: string;
  /** Other rules with the same effect: they are removed too, or no test would fail. */
  readonly also?: readonly Edit[];
  readonly suite: 'attacks' | 'unit';
  /** The test file, relative to the project; default: the whole suite. */
  readonly test?: string;
  /** The tests that must fail, as a value for vitest's -t. */
  readonly tests: string;
  /** The tests run only in `npm run test:deep`. */
  readonly deep?: boolean;
  /** Without the rule the tests never end, which counts as a failure. */
  readonly hangs?: boolean;
}

export interface Edit {
  readonly file: string;
  /** Code that occurs exactly once, in any layout; replacing it with `instead` removes the rule. */
  readonly text: string;
  readonly instead: string;
}
