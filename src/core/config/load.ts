import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { readText } from '../artifacts/store';
import { WeldError } from '../util/errors';
import { checkConfig } from './checkConfig';
import type { ConfigProblem, LoadedConfig } from './schema';

/**
 * Reads `config.toml`; uses the defaults if it is missing.
 * @param file absolute path
 * @throws WeldError `CONFIG_INVALID` naming line and column, `DAMAGED_FILE` when it is not a readable file
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const text = (await readText(file)) ?? '';
  const { config, problems } = checkConfig(text);
  if (config === null) throw invalid(file, problems);
  return { config, problems, hash: createHash('sha256').update(text).digest('hex') };
}

/** The first error as one sentence with its position. */
export function invalid(file: string, problems: readonly ConfigProblem[]): WeldError {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const first = errors[0];
  const where = first?.line === undefined ? '' : `, line ${first.line}, column ${first.column ?? 1}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const name = path.join(path.basename(path.dirname(file)), path.basename(file));
  return new WeldError(
    'CONFIG_INVALID',
    `${name}${where}: ${first?.message ?? 'cannot be read.'} Correct it and try again${more}.`,
  );
}
