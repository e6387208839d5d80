import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../core/artifacts/ids';
import { WeldError } from '../core/util/errors';

/** What every command takes beside its own arguments. */
export interface Input {
  readonly folder: string | undefined;
  /** Asks nothing, shows nothing, returns the result, throws a WeldError. */
  readonly silent: boolean;
  readonly given: Readonly<Record<string, unknown>>;
}

/** An element of a Weld view: it carries the arguments that a command would be called with. */
export interface HasCommandArgs {
  readonly commandArgs: Readonly<Record<string, unknown>>;
}

const CommonSchema = z.looseObject({ folder: z.string().optional(), silent: z.boolean().default(false) });

/**
 * Makes one shape of the ways a command is called: the palette (nothing), code and lenses (an object),
 * a tree row (its element), the explorer and editor menus (a URI).
 * @param holds whether a file is in one of the window's repositories; a specification may be anywhere
 */
export function readInput(raw: readonly unknown[], holds: (file: string) => boolean): Input {
  const [first] = raw;
  if (first instanceof vscode.Uri)
    return { folder: holds(first.fsPath) ? first.fsPath : undefined, silent: false, given: { spec: first.fsPath } };
  if (typeof first !== 'object' || first === null) return { folder: undefined, silent: false, given: {} };
  const { folder, silent, ...given } = check(CommonSchema, hasCommandArgs(first) ? first.commandArgs : first);
  return { folder, silent, given };
}

/** @throws WeldError `INVALID_ARGUMENT` naming the first argument that is wrong */
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

/** Arguments that many commands share. */
export const runId = z.string().transform((text) => parseRunId(text));
export const step = z.int().nonnegative();
export const iteration = z.int().positive();
