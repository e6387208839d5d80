import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/paths';

const docs = [
  'README.md',
  'CONTRIBUTING.md',
  'test/README.md',
  'src/README.md',
  'src/core/lock/README.md',
  'src/core/steps/README.md',
  'src/core/guard/README.md',
  'src/core/artifacts/README.md',
];
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const there = (...parts: string[]): boolean => fs.existsSync(path.join(root, ...parts));

/** Text without fenced blocks, which show things from elsewhere. */
const prose = (file: string): string => read(file).replace(/^```[^]*?^```$/gmu, '');
const inCode = (file: string): string[] => [...prose(file).matchAll(/`([^`\n]+)`/gu)].map(([, words = '']) => words);

const all = (folder: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$/u.test(file))
    .map((file) => read(path.join(folder, file)));
const code = [...all('src'), ...all('test/support')].join('\n');

/** A path may be relative to the document's folder, to `src`, or to the top. */
const known = (doc: string, place: string): boolean =>
  [path.dirname(doc), 'src', '.'].some((from) => there(from, place));

describe.each(docs)('%s', (doc) => {
  test('leads to what is there', () => {
    const links = [...prose(doc).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/gu)].map(([, target = '']) => target);
    expect(links.filter((target) => !there(path.dirname(doc), target))).toEqual([]);
  });

  test('names files and folders that there are', () => {
    const places = inCode(doc).filter(
      (words) =>
        /^[\w./-]+$/u.test(words) &&
        !words.startsWith('.') &&
        (/\.(?:m?ts|mjs|md)$/u.test(words) || /^(?:src|test|core|commands|views|ui|media)\//u.test(words)) &&
        !/^[^/]+\.md$/u.test(words),
    );
    expect(places.filter((place) => !known(doc, place))).toEqual([]);
  });

  // The other documents are for users, and not all text in backquotes there is code.
  if (doc.startsWith('src/'))
    test('names what the code knows by that name', () => {
      const names = inCode(doc).filter((words) => /^[A-Z]\w+$|^[a-z]+[A-Z]\w*$/u.test(words));
      expect(names.filter((name) => !new RegExp(`\\b${name}s?\\b`, 'u').test(code))).toEqual([]);
    });
});

test('every comment cites only what the project has', () => {
  expect(code.match(/\b(?:DESIGN|FAULTS|GUESTS|SUITE|CRAFT|PLATFORMS)\b(?:\.md)?/gu)).toBeNull();
});

/**
 * Questions of newcomers: the files on the way to the answer, each named by the one before, and what the last one
 * contains.
 */
const ANSWERS: Readonly<Record<string, { readonly way: readonly string[]; readonly says: RegExp }>> = {
  'Where is the lock taken?': {
    way: ['src/README.md', 'src/core/operation.ts'],
    says: /await acquireRunLock\(/u,
  },
  'What does the loop write?': {
    way: ['src/README.md', 'src/core/steps/README.md'],
    says: /\| implement \|[^]*\| verdict \|[^]*`progress\.json`/u,
  },
  'What does the tree show?': {
    way: ['src/README.md', 'src/views/model.ts'],
    says: /export (?:interface|type) \w*Node\b/u,
  },
  'How do I add an agent?': {
    way: ['src/README.md', 'src/core/config/providers.ts'],
    says: /claude[^]*codex/u,
  },
  'How do I add a command?': {
    way: ['src/README.md', 'src/commands/define.ts'],
    says: /export function changingCommand/u,
  },
  'How do I add a field to a record?': {
    way: ['src/README.md', 'src/core/artifacts/schemas.ts'],
    says: /export const MetaSchema/u,
  },
  'How do I add a phase?': {
    way: ['src/README.md', 'src/core/artifacts/schemas.ts'],
    says: /export const PHASES/u,
  },
  'What does the step need to pass?': {
    way: ['src/README.md', 'src/core/steps/README.md', 'src/core/steps/gate.ts'],
    says: /export const CONDITIONS/u,
  },
};

test.each(Object.entries(ANSWERS))('%s at most three hops', (_question, { way, says }) => {
  expect(way.length).toBeLessThanOrEqual(3);
  const last = way.at(-1) ?? '';
  for (const [i, next] of way.slice(1).entries()) {
    const from = way[i] ?? '';
    const named = [...inCode(from), ...[...prose(from).matchAll(/\]\(([^)#\s]+)/gu)].map(([, target = '']) => target)];
    const places = named.flatMap((name) => [path.dirname(from), 'src', '.'].map((at) => path.join(at, name)));
    expect(places, `${from} leads to ${next}`).toContain(next);
  }
  expect(read(last)).toMatch(says);
});
