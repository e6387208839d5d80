import { parse, TomlError } from 'smol-toml';
import type * as z from 'zod';
import { commandWords } from './command';
import { describeConfig, describeKey, type KeyDescription } from './describe';
import { type Located, locateKey, locateKeys } from './locate';
import { type Config, type ConfigProblem, ConfigSchema } from './schema';

/** Maximum length of config.toml, in UTF-16 units: more than anybody writes by hand. */
export const MAX_CONFIG_LENGTH = 100_000;

/** Keys of `[checks]` that are not categories. */
export const CHECK_SETTINGS: readonly string[] = ['order', 'timeout_seconds'];

/**
 * Why a name cannot be used for a check: the file of its output gets that name, on every system.
 * @returns a clause to follow the name; null when the name is allowed
 */
function categoryFault(name: string, others: readonly string[]): string | null {
  if (!/^[\w.-]{1,60}$/u.test(name) || /^\.+$/u.test(name))
    return 'cannot name a file; use up to 60 letters, digits, ".", "_" and "-"';
  if (name.endsWith('.')) return 'ends with a dot, which some systems leave out of file names; remove it';
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu.test(name))
    return 'is the name of a device on Windows and cannot name a file; choose another';
  if (name === '__proto__') return 'is a reserved word of JavaScript; choose another';
  const same = others.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  return same === undefined
    ? null
    : `differs from "${same}" only in case, and some systems treat both as the same file; choose another`;
}

type Table = Record<string, unknown>;
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/**
 * Checks the text of config.toml as the runtime reads it.
 * @returns the settings, or null when a problem is an error. Problems carry line and column where known. `keys` locates
 *   the keys, once, when first called.
 */
export function checkConfig(text: string): {
  readonly config: Config | null;
  readonly problems: readonly ConfigProblem[];
  readonly keys: () => readonly Located[];
} {
  let located: readonly Located[] | undefined;
  const keys = (): readonly Located[] => (located ??= locateKeys(text));
  if (text.length > MAX_CONFIG_LENGTH)
    return {
      config: null,
      keys: () => [],
      problems: [
        {
          severity: 'error',
          message:
            `The settings are ${text.length.toLocaleString('en')} characters long; at most ` +
            `${MAX_CONFIG_LENGTH.toLocaleString('en')} are read.`,
        },
      ],
    };
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  let value: Table;
  try {
    value = parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const says = (error.message.split('\n', 1)[0] ?? '')
      .replace(/^Invalid TOML document: /u, '')
      .replace(/(?<!\.)\.+$/u, '')
      .replace(/\.? aborting$/u, '');
    return {
      config: null,
      keys,
      problems: [
        {
          severity: 'error',
          message: `The TOML is not valid: ${says}.`,
          line: error.line,
          column: error.column + (error.line === 1 ? text.length - source.length : 0),
        },
      ],
    };
  }
  const problems: Found[] = [];
  const known = keepKnown(describeConfig(), value, [], problems);
  checkCategories(value, problems);
  const parsed = ConfigSchema.safeParse(known);
  if (!parsed.success) for (const issue of parsed.error.issues) problems.push(typeProblem(issue, known));
  return {
    config: parsed.success && !problems.some(({ severity }) => severity === 'error') ? parsed.data : null,
    keys,
    problems: place(keys, problems),
  };
}

interface Found {
  readonly severity: ConfigProblem['severity'];
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Reports unknown keys. Unknown tasks are left out of the copy, because the schema would otherwise refuse all tasks.
 */
function keepKnown(description: KeyDescription, value: unknown, path: readonly string[], problems: Found[]): unknown {
  if (!isTable(value) || description.kind !== 'table') return value;
  // Pairs, because assigning to a key named __proto__ would change the prototype.
  const kept: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const child = description.children.get(key);
    if (child !== undefined) kept.push([key, keepKnown(child, inner, [...path, key], problems)]);
    else if (description.open) kept.push([key, inner]);
    else {
      const meant = nearest(key, [...description.children.keys()]);
      const where = path.length === 0 ? '' : ` in [${path.join('.')}]`;
      const hint =
        meant === null ? `known keys: ${[...description.children.keys()].join(', ')}` : `did you mean "${meant}"?`;
      problems.push({ severity: 'warning', path: [...path, key], message: `Unknown key "${key}"${where} (${hint})` });
      if (path[0] !== 'task_models' || path.length !== 1) kept.push([key, inner]);
    }
  }
  return Object.fromEntries(kept);
}

function checkCategories(value: Table, problems: Found[]): void {
  const checks = value['checks'];
  if (!isTable(checks)) return;
  const categories = Object.keys(checks).filter((name) => !CHECK_SETTINGS.includes(name));
  for (const name of categories) {
    const path = ['checks', name];
    const meant = nearest(name, CHECK_SETTINGS);
    const fault = categoryFault(name, categories);
    if (fault !== null) problems.push({ severity: 'error', path, message: `The check "${name}" ${fault}.` });
    else if (typeof checks[name] === 'string' && checks[name].trim() === '')
      problems.push({
        severity: 'error',
        path,
        message: `The check "${name}" has no command; write one or remove it.`,
      });
    else if (typeof checks[name] !== 'string' && meant !== null)
      problems.push({ severity: 'warning', path, message: `"${name}" is read as a check; did you mean "${meant}"?` });
    else if (typeof checks[name] === 'string') problems.push(...commandProblems(name, checks[name]));
    if (name === 'command')
      problems.push({
        severity: 'warning',
        path,
        message: '"command" is the old way to give a single check; name the check after what it does, such as "test".',
      });
  }
  const order = checks['order'];
  const there = new Set(categories);
  for (const name of Array.isArray(order) ? order : []) {
    if (typeof name !== 'string' || there.has(name)) continue;
    const meant = nearest(name, categories);
    problems.push({
      severity: 'warning',
      path: ['checks', 'order'],
      message: `"order" names "${name}", which is not a check${meant === null ? '' : `; did you mean "${meant}"?`}`,
    });
  }
}

/** Warns only: the checks refuse to run such a command, but everything else works. */
function commandProblems(name: string, command: string): Found[] {
  const words = commandWords(command);
  return words.ok
    ? []
    : [{ severity: 'warning', path: ['checks', name], message: `The check "${name}" ${words.why}.` }];
}

function typeProblem(issue: z.core.$ZodIssue, value: unknown): Found {
  const path = issue.path.map(String);
  const description = describeKey(path);
  const key = `"${path.join('.')}"`;
  const values = description?.values ?? [];
  const wanted =
    values.length > 0
      ? `one of ${values.map((value) => `"${value}"`).join(', ')}`
      : WANTED[description?.kind ?? 'string'];
  if (path.reduce<unknown>((inner, key) => (isTable(inner) ? inner[key] : inner), value) === undefined)
    return { severity: 'error', path, message: `${key} is missing; it has to be ${wanted}.` };
  const tooSmall = issue.code === 'too_small' ? ` greater than ${String(issue.minimum)}` : '';
  return { severity: 'error', path, message: `${key} has to be ${wanted}${tooSmall}.` };
}

const WANTED: Readonly<Record<KeyDescription['kind'], string>> = {
  table: 'a table',
  string: 'a text in quotes',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list of texts',
};

function place(locate: () => readonly Located[], problems: readonly Found[]): readonly ConfigProblem[] {
  if (problems.length === 0) return [];
  const keys = locate();
  return problems.map(({ severity, path, message }) => {
    const at = locateKey(keys, path);
    return {
      severity,
      message,
      key: path.join('.'),
      path,
      ...(at === undefined ? {} : { line: at.line, column: at.column }),
    };
  });
}

/**
 * Limits of the comparison, which would take too long otherwise: longer names are no typing errors, and nobody wants a
 * suggestion out of more names.
 */
const MAX_LENGTH = 100;
const MAX_KNOWN = 200;

/** The known name most similar to a mistyped one, if at most a third of its letters differ. */
export function nearest(typed: string, known: readonly string[]): string | null {
  if (typed.length > MAX_LENGTH || known.length > MAX_KNOWN) return null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    if (name.length > MAX_LENGTH) continue;
    const away = distance(typed.toLowerCase(), name.toLowerCase());
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours count one each. */
function distance(a: string, b: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      if (i === 0) row[j] = j;
      else {
        row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          row[j] = Math.min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.length, b.length);
}
