/** A rule of the product, how it is taken out, and the test that has to go red without it. */
export interface Mutation extends Edit {
  /** The row in the table of faults of version 0.1.0 that the rule mends; a letter tells several of one row apart. */
  readonly row: string;
  /** What is no longer so without the rule. */
  readonly rule: string;
  /** Other rules that catch the same: they are taken out with it, or nobody would see that it is gone. */
  readonly also?: readonly Edit[];
  readonly suite: 'attacks' | 'unit';
  /** The file of the tests, relative to the project; left out: the whole suite. */
  readonly test?: string;
  /** The tests that have to go red, as vitest's -t takes them. */
  readonly tests: string;
  /** They run in depth only. */
  readonly deep?: boolean;
  /** Without the rule they never end, which is as good as red. */
  readonly hangs?: boolean;
}

export interface Edit {
  readonly file: string;
  /** Has to be there, once, however it is laid out; the rule is gone when `instead` stands in its place. */
  readonly text: string;
  readonly instead: string;
}
