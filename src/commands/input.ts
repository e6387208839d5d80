import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../core/artifacts/runIds';
import { WeldError } from '../core/util/errors';

/** The arguments of a call: those that every command takes, and the command's own. */
export interface Input {
  readonly folder: string | undefined;
  /** The command asks and shows nothing; it returns the result or throws a WeldError. */
  readonly silent: boolean;
  /** The command's own arguments, unchecked. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** An element of a Weld view, with the arguments for commands in its menu. */
export interface HasCommandArgs {
  readonly commandArgs: Readonly<Record<string, unknown>>;
}

const CommonSchema = z.looseObject({ folder: z.string().optional(), silent: z.boolean().default(false) });

/**
 * Turns the arguments of every caller into one shape. The palette passes nothing, code and lenses pass an object,
 * a tree row passes its element, and the explorer and editor menus pass a URI.
 * @param holds whether a file is in one of the window's repositories; a specification may be elsewhere
 */
export function readInput(raw: readonly unknown[], holds: (file: string) => boolean): Input {
  const [first] = raw;
  if (first instanceof vscode.Uri)
    return { folder: holds(first.fsPath) ? first.fsPath : undefined, silent: false, given: { spec: first.fsPath } };
  if (typeof first !== 'object' || first === null) return { folder: undefined, silent: false, given: {} };
  const { folder, silent, ...given } = check(CommonSchema, hasCommandArgs(first) ? first.commandArgs : first);
  return { folder, silent, given };
}

/** Parses a value. @throws WeldError `INVALID_ARGUMENT` with the name of the first wrong argument */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.join('.') ?? '';
  throw new WeldError('INVALID_ARGUMENT', `The argument "${name}" does not fit: ${issue?.message ?? 'unknown'}.`, {
    cause: parsed.error,
  });
}

function hasCommandArgs(value: object): value is HasCommandArgs {
  return 'commandArgs' in value && typeof value.commandArgs === 'object' && value.commandArgs !== null;
}

// Arguments that many commands share.
export const runId = z.string().transform((text) => parseRunId(text));
export const step = z.int().nonnegative();
export const iteration = z.int().positive();
