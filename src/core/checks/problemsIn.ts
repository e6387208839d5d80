import { readEslint } from './formats/eslint';
import { readGnu } from './formats/gnu';
import { readGoPanics, readGoTests } from './formats/go';
import { cutReport, type FailedCase, failedCases } from './formats/junit';
import { Findings, type Found, Output, type Reader } from './formats/output';
import { Places } from './formats/places';
import { readPytest } from './formats/pytest';
import { readTracebacks } from './formats/python';
import { readRust } from './formats/rust';
import { readStacks } from './formats/stack';
import { readTap } from './formats/tap';
import { readTypeScript } from './formats/typescript';

/** A problem of the repository's code that a check has found. */
export interface CheckProblem {
  /** Relative to the repository's top, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column?: number | undefined;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The name of the check. */
  readonly source: string;
}

export interface ReadOptions {
  /** Absolute path of the repository's top folder. */
  readonly top: string;
  /** The name of the check. */
  readonly source: string;
  /** Whether an absolute path is a file of the repository; by default the disk says it. */
  readonly isFile?: (file: string) => boolean;
}

/** Maximum number of problems of one check. */
export const MOST_PROBLEMS = 200;
/** Maximum number of characters read from the beginning and from the end of an output. */
const MOST_TEXT = 512 * 1024;
/** The heading that `runChecks` puts before the second run of a failing check. */
const SECOND_RUN = '\n[weld] Second run, exit ';

/** The general ones come last: they would take lines that belong to a special format. */
const READERS: readonly Reader[] = [
  readTypeScript,
  readEslint,
  readTap,
  readRust,
  readGoTests,
  readGoPanics,
  readPytest,
  readTracebacks,
  readStacks,
  readGnu,
];

/**
 * Finds the problems that the output of a failed check tells of, in all formats that Weld knows. Takes time that grows
 * with the text, no faster. Names of files that are not in the repository are left out.
 * @param text the content of `checks/<category>.txt`
 * @returns at most `MOST_PROBLEMS`; errors come first, otherwise they are in the output's order
 */
export function problemsIn(text: string, { top, source, isFile }: ReadOptions): readonly CheckProblem[] {
  const places = new Places(top, isFile);
  const { report, rest } = cutReport(shortened(text.slice(Math.max(0, text.lastIndexOf(SECOND_RUN)))));
  const reported = failedCases(report).flatMap((one) => placed(one, places));
  const all = unique([...reported, ...found(rest, places)]);
  const errorsFirst = [
    ...all.filter(({ severity }) => severity === 'error'),
    ...all.filter(({ severity }) => severity === 'warning'),
  ];
  return errorsFirst
    .slice(0, MOST_PROBLEMS)
    .map(({ file, line, column, severity, message }) => ({ file, line, column, severity, message, source }));
}

function found(text: string, places: Places): Found[] {
  const output = new Output(text, places);
  return READERS.flatMap((read) => read(output)).sort((a, b) => a.at - b.at);
}

/** A test of a report stands where its stack leads to, else where the report says. */
function placed({ text, message, file, line }: FailedCase, places: Places): Found[] {
  const [first] = found(text, places);
  if (first) return [first];
  const named = new Findings(new Output('', places));
  named.add(0, file, [line || '1'], message || text);
  return named.all;
}

function shortened(text: string): string {
  return text.length <= 2 * MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}\n${text.slice(-MOST_TEXT)}`;
}

/** Leaves out what a program says again, such as a test runner in its summary. */
function unique(all: readonly Found[]): readonly Found[] {
  const seen = new Set<string>();
  return all.filter(({ file, line, column, message }) => {
    const key = JSON.stringify([file, line, column, message]);
    return !seen.has(key) && seen.add(key);
  });
}
