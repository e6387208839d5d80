import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/ids';
import { root } from '../support/paths';

// One thing has one name: in the palette, menus, lenses, buttons, the walkthrough and the docs.

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const below = (folder: string, ending: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.join(folder, file));

const strings = JSON.parse(read('package.nls.json')) as Record<string, string>;
const manifest = JSON.parse(read('package.json')) as {
  contributes: { commands: { command: string; title: string }[] };
};
const plain = (title: string): string => title.replace(/^\$\([\w~-]+\) /u, '').replace(/…$/u, '');
const titles = new Map(
  manifest.contributes.commands.map(({ command, title }) => [command, plain(strings[title.slice(1, -1)] ?? title)]),
);

/** A label next to the thing it is about may leave words out, but not add any. */
const shortFor = (label: string, title: string): boolean =>
  plain(label)
    .split(' ')
    .every((word) => title.split(' ').includes(word));

/** Labels that say what a command does in this place. */
const FROM_HERE = new Set([
  'Continue',
  'Choose Another Agent',
  'Choose More…',
  'Run Step 1',
  'Undo',
  'Retry',
  'Run Loop',
]);

/** Earlier names, and phrases that read as translated. */
const GONE = [
  'Go On',
  'Resume',
  'Continue Run',
  'Check Now',
  'Another Provider',
  'Settings File',
  'Configuration File',
  'All the Same',
  'Waiver Back',
  'Acceptance Back',
  'from Plan Again',
  'Look Again',
  'reviewer says',
  'speak of acceptance',
  'in force ↔',
  'is in force',
  'left behind: ',
  'half way',
  'whom you were shown',
  'No step was found',
  'Nothing reads',
  'does the typing',
  'Copy Id',
  'a fault of its own',
  'waits for no answer',
  'What Was Refused',
  'In which repository',
  'Weld: Doctor',
  'is given up',
];

const sources = below('src', '.ts').map((file) => ({ file, text: read(file) }));
const literals = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/gu)].map(([words]) => ({ file, words })),
);
const docs = ['README.md', 'CHANGELOG.md', ...below('src', '.md'), ...below('media', '.md')].map((file) => ({
  file,
  text: read(file),
}));

describe('a command has one name', () => {
  test('in buttons and quick picks that call it', () => {
    const calls = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/button\(\s*'([^'\n]+)'[^{}()]*?COMMANDS\.(\w+)/gu)].map(([, label = '', id = '']) => ({
        file,
        label,
        title: titles.get(COMMANDS[id as keyof typeof COMMANDS]) ?? '',
      })),
    );
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ label, title }) => !FROM_HERE.has(label) && !shortFor(label, title))).toEqual([]);
  });

  test('in lenses', () => {
    const lenses = [
      ...read('src/server/plan/lenses.ts').matchAll(
        /lens\((?:iconed\('[\w~-]+', )?'([A-Z][^'\n]*)'\)?, '(weld\.[\w.]+)'/gu,
      ),
    ];
    expect(lenses.length).toBeGreaterThan(4);
    expect(
      lenses
        .filter(([, label = '', command = '']) => !FROM_HERE.has(label) && !shortFor(label, titles.get(command) ?? ''))
        .map(([all]) => all),
    ).toEqual([]);
  });

  test('in the view that is empty, and in the tour', () => {
    const links = Object.values(strings).flatMap((text) => [
      ...text.matchAll(/\[([^\]\n]+)\]\(command:(weld\.[\w.]+)\)/gu),
    ]);
    expect(links.length).toBeGreaterThan(10);
    expect(
      links
        .filter(([, label = '', command = '']) => !FROM_HERE.has(label) && !shortFor(label, titles.get(command) ?? ''))
        .map(([all]) => all),
    ).toEqual([]);
  });

  test('where a sentence or a document says "Weld: …" or "*…*"', () => {
    const known = new Set(titles.values());
    const named = [...docs, ...literals.map(({ file, words }) => ({ file, text: words }))].flatMap(({ file, text }) =>
      [...text.matchAll(/["*]Weld: ([A-Z][\w ]+)…?["*]/gu)].map(([, name = '']) => ({ file, name })),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
    // Words in title case in a document name a command, or a choice that the source offers.
    const labels = [
      ...literals.map(({ words }) => plain(words.slice(1, -1))),
      ...Object.values(strings).map(plain),
    ].join('\n');
    const choices = docs.flatMap(({ file, text }) =>
      [...text.matchAll(/(?<![*\w])\*{1,2}((?:[A-Z][\w]+ )+[A-Z]\w+)…?\*{1,2}(?![*\w])/gu)].map(([, name = '']) => ({
        file,
        name,
      })),
    );
    expect(choices.length).toBeGreaterThan(8);
    expect(choices.filter(({ name }) => !known.has(name) && !labels.includes(name))).toEqual([]);
  });

  test('and no old one is left', () => {
    const texts = [
      ...literals,
      ...Object.values(strings).map((words) => ({ file: 'package.nls.json', words })),
      ...docs.filter(({ file }) => file !== 'CHANGELOG.md').map(({ file, text }) => ({ file, words: text })),
    ];
    expect(
      texts.flatMap(({ file, words }) =>
        GONE.filter((old) =>
          words
            .split(old)
            .slice(0, -1)
            .some((before) => !/\w$/u.test(before)),
        ).map((old) => `${file}: ${old}`),
      ),
    ).toEqual([]);
  });
});
