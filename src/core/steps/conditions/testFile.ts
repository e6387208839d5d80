import type { Marker } from './languages';

/** A test as a file's text has it. */
export interface TestCase {
  readonly title: string;
  /** Its body, comments and texts blanked. */
  readonly body: string;
  readonly assertions: number;
  /** Does nothing that could fail: no call, no assertion, or only of literals. */
  readonly empty: boolean;
  /** Stands for many: a table, a title that is put together. */
  readonly table: boolean;
  readonly end: number;
}

/** A mark in a test file that takes tests out of the run, or all others. */
export interface Mark {
  readonly kind: Marker['kind'];
  /** Of the test or group that it stands at; empty when that cannot be told. */
  readonly title: string;
  /** Holds only under some condition. */
  readonly sometimes: boolean;
}

export interface TestFile {
  readonly cases: readonly TestCase[];
  readonly marks: readonly Mark[];
  readonly assertions: number;
  readonly tables: number;
}

export type Read = Omit<TestCase, 'assertions' | 'empty'>;
