import type { Range } from '../core/plan';

/** A range within one line. @param line from 0 @param from first column @param to column after the last */
export const rangeInLine = (line: number, from: number, to: number): Range => ({
  start: { line, character: from },
  end: { line, character: to },
});

/** The empty range at the start of a document. */
export const DOCUMENT_START = rangeInLine(0, 0, 0);
