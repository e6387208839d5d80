import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { ADAPTERS } from '../../../../src/core/agents/registry';
import { AGENT_KINDS, isProvider, PROVIDER_NAMES } from '../../../../src/core/config/providers';
import { ConfigSchema } from '../../../../src/core/config/schema';
import { root } from '../../../support/paths';

const src = path.join(root, 'src');

/** Files that may name an agent program: its data, the list of adapters, and the adapter itself. */
const AT_HOME = /^core[/\\](?:config[/\\]providers\.ts|agents[/\\](?:registry\.ts|(?:claude|codex)[/\\]))/u;

/** A program's name as a value, a member or a key; names of files and folders do not count. */
const NAMED = /(['"`])(?:claude|codex)\1|(?<=[\w)\]?])\.(?:claude|codex)\b|(?<![\w'"./-])(?:claude|codex)\??:/u;

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\/|(?<=^|\s)\/\/[^\n]*/gsu, '');

test('an agent program is named in its table, in its adapter and where that is listed, and nowhere else', () => {
  const files = fs.readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const named = files.filter(
    (file) => withoutComments(fs.readFileSync(path.join(src, file), 'utf8')).search(NAMED) !== -1,
  );
  expect(named.filter((file) => !AT_HOME.test(file))).toEqual([]);
  expect(named.length).toBeGreaterThan(2);
});

test.each([
  ["kind === 'claude'", true],
  ['config.codex.exec', true],
  ['{ claude: 1 }', true],
  ["'codex.prompt.md'", false],
  ["'.claude'", false],
  ["// such as 'claude'", false],
])('%s names one: %s', (text, expected) => {
  expect(withoutComments(text).search(NAMED) !== -1).toBe(expected);
});

test('every program has an adapter and a section, and is an agent', () => {
  expect(Object.keys(ADAPTERS)).toEqual(PROVIDER_NAMES);
  expect(Object.keys(ConfigSchema.parse({}))).toEqual(expect.arrayContaining([...PROVIDER_NAMES]));
  expect(AGENT_KINDS.filter(isProvider)).toEqual(PROVIDER_NAMES);
});
