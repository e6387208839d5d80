import * as z from 'zod';
import { PROVIDER_NAMES, PROVIDERS, TASKS } from './providers';
import { ConfigSchema } from './schema';
import { literal, pair } from './toml';

/** One key of config.toml as the editor shows, completes and checks it. */
export interface KeyDescription {
  readonly key: string;
  readonly kind: 'table' | 'string' | 'number' | 'boolean' | 'list';
  readonly text: string;
  readonly values: readonly string[];
  readonly fallback?: string | number | boolean;
  readonly children: ReadonlyMap<string, KeyDescription>;
  /** Whether people may add keys of their own, as in `[checks]`. */
  readonly open: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Built from the runtime's schema, so that both know the same keys. */
export function describeConfig(): KeyDescription {
  return (described ??= describe('', z.toJSONSchema(ConfigSchema, { io: 'input' })));
}
let described: KeyDescription | undefined;

/** The description of a key, if it is known. @param path keys from the top, such as `['loop', 'max_iterations']` */
export function describeKey(path: readonly string[]): KeyDescription | undefined {
  let found: KeyDescription | undefined = describeConfig();
  for (const key of path) found = found?.children.get(key) ?? (found?.open === true ? { ...OWN, key } : undefined);
  return found;
}

/** A check that the person defines. */
const OWN: KeyDescription = {
  key: '',
  kind: 'string',
  text: 'The command of this check; it passes when the command exits with 0.',
  values: [],
  children: new Map(),
  open: false,
};

function describe(key: string, schema: Json): KeyDescription {
  const names = strings(json(schema['propertyNames'])['enum']);
  const each = isJson(schema['additionalProperties']) ? schema['additionalProperties'] : undefined;
  const children = new Map<string, KeyDescription>();
  for (const [name, value] of Object.entries(json(schema['properties'])))
    children.set(name, describe(name, json(value)));
  if (each !== undefined) for (const name of names) children.set(name, describe(name, each));
  const fallback = schema['default'];
  return {
    key,
    kind: KINDS.get(schema['type']) ?? 'string',
    text: typeof schema['description'] === 'string' ? schema['description'] : (TABLES[key] ?? ''),
    values: strings(schema['enum']),
    ...(typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean'
      ? { fallback }
      : {}),
    children,
    open: names.length === 0 && each !== undefined && 'type' in each,
  };
}

const KINDS = new Map<unknown, KeyDescription['kind']>([
  ['object', 'table'],
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
  ['array', 'list'],
]);

/** Descriptions of tables whose schema has none. */
const TABLES: Readonly<Record<string, string>> = {
  project: 'About the project.',
  ...Object.fromEntries(PROVIDER_NAMES.map((name) => [name, PROVIDERS[name].about])),
  replay: 'The agent that plays a recording.',
  git: 'What commits say about their run.',
  loop: 'When the loop of a step stops.',
  prices: 'What tokens cost, for agents that do not report it.',
};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const json = (value: unknown): Json => (isJson(value) ? value : {});
const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/**
 * The config.toml that `weld.init` writes: every setting, as a comment if it is optional.
 * @param projectName used in prompts @param checks command of each category, in the order in which they are to run
 */
export function defaultConfigToml(projectName?: string, checks: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(checks).map(pair);
  return `# Settings of Weld for this repository. Share this file with your team: it is not ignored by git.
# Unknown keys are reported; "Weld: Check Setup" shows what is found.

[project]
${projectName === undefined || projectName === '' ? '# name = "my project"' : `name = ${literal(projectName)}`}

# One command for each kind of check, run without a shell; a step passes only when all of them exit with 0.
[checks]
${given.length > 0 ? given.join('\n') : '# test = "npm test"\n# lint = "npm run lint"'}
# order = ["lint", "test"]
# timeout_seconds = 600

# When the loop of a step stops.
[loop]
max_iterations = 5
# False: any open issue keeps a step from passing, not only blockers.
fail_on_blockers_only = true
# Counted from each start or resume.
# max_minutes = 60
# max_cost_usd = 5.0
# For the whole run, over all its steps and starts.
# max_total_cost_usd = 50.0

# What a step may not do unnoticed: block (it does not pass), ask (a person decides), warn (it is named), off.
[gate]
# tests = "warn"        # tests deleted, skipped or emptied
# scope = "warn"        # files outside the step's Changes
# protected = "ask"     # CI, hooks, what stands behind the checks
# ignored = "warn"      # ignored files that an agent or a check wrote
# protected_paths = ["deploy/**"]
# True: the checks also run before the first agent of a step, to show what failed before.
# baseline = false

# What a commit says about its run.
[git]
commit_trailer_key = "Claude-Transcript"
include_run_trailer = true

# The agents' programs, where they are not on the path under their usual names.
${PROVIDER_NAMES.map((name) => `[${name}]\n${comments(PROVIDERS[name].examples.section)}\n`).join('\n')}
# Which agent does which task: ${PROVIDER_NAMES.join(', ')}, replay, or manual (you; also where nothing is set).
# Tasks: ${TASKS.join(', ')}.
[task_models]
${comments(PROVIDER_NAMES.map((name) => PROVIDERS[name].examples.task))}
`;
}

const comments = (lines: readonly string[]): string => lines.map((line) => `# ${line}`).join('\n');
