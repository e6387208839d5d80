import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ConfigSchema } from '../../src/core/config/schema';
import { root } from '../support/paths';

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const readme = read('README.md');
const strings = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = JSON.parse(read('package.json')) as {
  contributes: { commands: { title: string }[]; configuration: { properties: Record<string, { default: unknown }> } };
};

/** The rows of the table below a heading, without its first two lines. */
function rowsOf(heading: string): string[] {
  const section = readme.slice(readme.indexOf(`\n## ${heading}\n`)).split(/\n## /u)[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
}

test('the commands are those that there are, by their titles', () => {
  const listed = rowsOf('Commands')
    .flatMap((row) => (row.split(' | ')[1] ?? '').replace(/ \|$/u, '').split(', '))
    .map((name) => name.replace(/ \(Ctrl.*\)$/u, ''));
  expect(listed.sort()).toEqual(contributes.commands.map(({ title }) => strings[title.slice(1, -1)]).sort());
});

test('the settings are those that there are, with their defaults', () => {
  const listed = rowsOf('Settings').map((row) => /^\| `([\w.]+)` .*\| `([^`]+)` \|$/u.exec(row)?.slice(1));
  expect(listed).toEqual(
    Object.entries(contributes.configuration.properties).map(([name, { default: value }]) => [
      name,
      [value].flat().join(),
    ]),
  );
});

test('the keys of config.toml are those that there are, with their defaults', () => {
  interface Node {
    properties?: Record<string, Node>;
    additionalProperties?: unknown;
    default?: unknown;
  }
  const { properties = {} } = z.toJSONSchema(ConfigSchema, { io: 'input' }) as Node;
  const rows = rowsOf('config.toml').map((row) => row.split(' | '));
  const listed = new Map(
    rows.flatMap(([keys = '', , value = '']) =>
      [...keys.matchAll(/`([\w.<>]+)`/gu)].map(([, key = '']) => [key, value.replace(/[`|]/gu, '').trim()] as const),
    ),
  );
  const inText = new Set(
    [
      ...rows
        .flat()
        .join(' ')
        .matchAll(/`([\w.]+)`/gu),
    ].map(([, key = '']) => key),
  );
  const there = Object.entries(properties).flatMap(([section, { properties: keys = {} }]) =>
    Object.keys(keys).map((key) => `${section}.${key}`),
  );
  expect([...listed.keys()].filter((key) => !key.includes('<') && !there.includes(key))).toEqual([]);
  for (const [section, { properties: keys = {} }] of Object.entries(properties)) {
    if (section === 'task_models' || section === 'guard') {
      expect(
        [...listed.keys()].some((key) => key.startsWith(`${section}.`)),
        section,
      ).toBe(true);
      continue;
    }
    for (const [key, { default: value }] of Object.entries(keys)) {
      const name = `${section}.${key}`;
      expect(listed.has(name) || inText.has(name), name).toBe(true);
      if (listed.has(name) && ['string', 'number', 'boolean'].includes(typeof value))
        expect(listed.get(name), name).toBe(`${value as string | number | boolean}`);
    }
  }
});
