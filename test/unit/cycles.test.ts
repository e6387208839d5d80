import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/paths';

const src = path.join(root, 'src');
const files = fs.readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The imports of each file, including types and what is loaded later: a reader must understand those files too. */
const imports = new Map(
  files.map((file) => {
    const named = [
      ...fs
        .readFileSync(path.join(src, file), 'utf8')
        .matchAll(/^(?:import|export)\b[^;]*? from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gmu),
    ].map(([, early, late]) => path.join(path.dirname(file), early ?? late ?? ''));
    return [
      file,
      named.flatMap((place) =>
        [`${place}.ts`, path.join(place, 'index.ts')].filter((each) => files.includes(each)).slice(0, 1),
      ),
    ] as const;
  }),
);

/** @returns a path from a file back to itself, or null */
function wayBack(from: string): readonly string[] | null {
  const queue: (readonly string[])[] = [[from]];
  const seen = new Set<string>();
  for (let way = queue.shift(); way; way = queue.shift())
    for (const next of imports.get(way.at(-1) ?? '') ?? []) {
      if (next === from) return [...way, from];
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...way, next]);
    }
  return null;
}

test('no file leads back to itself', () => {
  expect([...imports.values()].flat().length).toBeGreaterThan(500);
  expect(
    files
      .map(wayBack)
      .filter((way) => way !== null)
      .map((way) => way.join(' → ')),
  ).toEqual([]);
});

/** From the lowest: each folder may import only from earlier ones. Files of `core` count like folders. */
const ORDER = [
  'core/util',
  'core/system',
  'core/redact',
  'core/lock',
  'core/artifacts',
  'core/process',
  'core/config',
  'core/plan',
  'core/git',
  'core/agents',
  'core/project.ts',
  'core/runMeta.ts',
  'core/guard',
  'core/checks',
  'core/steps',
  'core/runs',
  'core/operation.ts',
  'core/openProject.ts',
  'server',
  'ids.ts',
  'platform',
  'lsp',
  'ui',
  'commands',
  'views',
  'app.ts',
  'extension.ts',
];

function placeIn(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'core' ? `core/${second}` : first;
}

test('no folder imports from one above it', () => {
  const places = [...new Set(files.map(placeIn))];
  expect(places.filter((place) => !ORDER.includes(place))).toEqual([]);
  expect(ORDER.filter((place) => !places.includes(place))).toEqual([]);
  const upward = [...imports].flatMap(([from, all]) =>
    all.filter((to) => ORDER.indexOf(placeIn(to)) > ORDER.indexOf(placeIn(from))).map((to) => `${from} → ${to}`),
  );
  expect(upward).toEqual([]);
});
