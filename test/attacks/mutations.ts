// `npm run test:mutations [-- A6]`: removes one rule at a time, in a copy, and checks that its test fails.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { MUTATIONS } from '../mutations/all';
import type { Edit, Mutation } from '../mutations/mutation';
import { placesOf } from '../mutations/places';
import { out, root } from '../support/paths';

const COPIED = [
  'src',
  'test',
  'media',
  'package.json',
  'package.nls.json',
  'tsconfig.json',
  '.vscodeignore',
  'README.md',
  'LICENSE',
];
/** A limit against hanging, in ms: every test that ends is faster, even on a busy machine. */
const MOST_MS = 15 * 60_000;
const HANGS_MS = 120_000;

function copy(): string {
  const to = path.join(out, 'mutant');
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(to, { recursive: true });
  for (const name of COPIED) fs.cpSync(path.join(root, name), path.join(to, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(to, 'node_modules'));
  return to;
}

/** @returns a function that restores the rule */
function takeOut(at: string, { file, text, instead }: Edit): () => void {
  const target = path.join(at, file);
  const original = fs.readFileSync(target, 'utf8');
  const [place, another] = placesOf(original, text);
  if (!place || another) throw new Error(`${file} has not exactly one "${text}"; say anew what the rule is.`);
  fs.writeFileSync(target, original.slice(0, place.from) + instead + original.slice(place.to));
  return () => {
    fs.writeFileSync(target, original);
  };
}

interface Seen {
  readonly how: 'red' | 'green' | 'skipped';
  /** The first message of a failed test. */
  readonly why: string;
}

function look(at: string, { suite, test, tests, deep = false, hangs = false }: Mutation): Seen {
  const words = [
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    `test/${suite}/vitest.config.mts`,
    ...(test === undefined ? [] : [test]),
    '-t',
    tests,
  ];
  const env = { ...process.env, WELD_DEEP: deep ? '1' : '' };
  const ran = spawnSync(process.execPath, words, {
    cwd: at,
    encoding: 'utf8',
    env,
    timeout: hangs ? HANGS_MS : MOST_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (hangs && ran.signal === 'SIGKILL') return { how: 'red', why: 'it never ended' };
  const said = stripVTControlCharacters(`${ran.stdout}\n${ran.stderr}`);
  // A file that fails to load has no failed test.
  if (ran.status !== 0 && /Tests .*failed/u.test(said))
    return { how: 'red', why: /^(?:\w*Error|→).*$/mu.exec(said)?.[0] ?? '' };
  return { how: /Tests .*passed/u.test(said) || !/Tests .*skipped/u.test(said) ? 'green' : 'skipped', why: '' };
}

const SAYS = { red: 'red as it should be', green: 'STILL GREEN', skipped: 'skipped on this system' } as const;

const chosen = process.argv.slice(2);
const mutations = MUTATIONS.filter(({ row }) => chosen.length === 0 || chosen.some((each) => row.startsWith(each)));
const at = copy();
const counts = { red: 0, green: 0, skipped: 0 };
for (const mutation of mutations) {
  const back = [mutation, ...(mutation.also ?? [])].map((edit) => takeOut(at, edit));
  const { how, why } = look(at, mutation);
  for (const each of back.reverse()) each();
  console.log(
    `${SAYS[how]}: ${mutation.row}, without "${mutation.rule}"${why === '' ? '' : ` (${why.slice(0, 160)})`}`,
  );
  counts[how] += 1;
}
fs.rmSync(at, { recursive: true, force: true });
console.log(`${counts.red} passed, ${counts.green} failed${counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`}`);
process.exitCode = counts.green === 0 ? 0 : 1;
