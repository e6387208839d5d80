import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import lockfile from 'proper-lockfile';
import { parse } from 'smol-toml';
import { writeAside } from '../artifacts/plain';
import { readText, writeError } from '../artifacts/store';
import { isErrno, WeldError } from '../util/errors';
import { lstat } from '../util/files';
import { checkConfig } from './checkConfig';
import { defaultConfigToml } from './describe';
import { invalid } from './load';
import { type Located, locateKeys } from './locate';
import { TASKS, type Task } from './providers';
import type { TaskModel } from './schema';
import { inline, isTable, literal, type Table } from './toml';

/** The new agent of each task; null removes the choice. */
export type TaskModelChanges = Readonly<Partial<Record<Task, TaskModel | null>>>;

/** Keys that belong to the chosen agent: they stay only while it does. All other keys of an entry always stay. */
const CHOICE: readonly string[] = ['provider', 'model', 'exec', 'recording'];

/**
 * Changes entries of `[task_models]` only: comments, order, blank lines and unknown keys stay.
 * @param text valid TOML
 * @throws WeldError `CONFIG_INVALID` when these tables are written in a way that cannot be edited safely
 */
export function editTaskModels(text: string, changes: TaskModelChanges): string {
  let edited = text;
  for (const task of TASKS) {
    const change = changes[task];
    if (change !== undefined) edited = editTask(edited, task, change);
  }
  return edited;
}

function editTask(text: string, task: Task, change: TaskModel | null): string {
  const before = parse(text);
  const models = isTable(before['task_models']) ? before['task_models'] : {};
  const old = isTable(models[task]) ? models[task] : {};
  const kept = Object.entries(old).filter(([key]) => !CHOICE.includes(key));
  const same = change !== null && change.provider === old['provider'] ? old : {};
  const chosen =
    change === null
      ? []
      : CHOICE.flatMap((key) => {
          const value = change[key] ?? same[key];
          return value === undefined ? [] : [[key, value] as const];
        });
  const entry = change === null && kept.length === 0 ? null : Object.fromEntries([...chosen, ...kept]);
  if (isDeepStrictEqual(entry, models[task] ?? null)) return text;

  const edited = replaceEntry(text, task, entry);
  const wanted = { ...before, task_models: { ...models, [task]: entry } };
  if (entry === null) delete wanted.task_models[task];
  // The edit works by position; an unforeseen result must not reach the file.
  const after = parse(edited);
  if (!isDeepStrictEqual(plain({ ...after, task_models: after['task_models'] ?? {} }), plain(wanted)))
    throw new WeldError(
      'CONFIG_INVALID',
      `[task_models] is written in a way that cannot be changed safely; set "${task}" in .weld/config.toml yourself.`,
    );
  return edited;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function replaceEntry(text: string, task: Task, entry: Table | null): string {
  const keys = locateKeys(text);
  const own = keys.filter(({ path }) => path[0] === 'task_models' && path[1] === task);
  const pair = own.find(({ path, value }) => path.length === 2 && value !== undefined);
  if (pair?.value !== undefined && entry !== null) return splice(text, pair.value, inline(entry));
  const table = own.find(({ path, node }) => path.length === 2 && node.type === 'TOMLTable');
  if (table !== undefined && entry !== null) return rewriteTable(text, keys, table, entry);

  const removed = removeAll(text, own);
  return entry === null ? removed : insert(removed, task, entry);
}

/** Rewrites the lines of `[task_models.<task>]`; keeps its header and comments in place. */
function rewriteTable(text: string, keys: readonly Located[], table: Located, entry: Table): string {
  const body = keys.filter(
    ({ path, node }) =>
      path.length > 2 && path[0] === 'task_models' && path[1] === table.path[1] && node.type === 'TOMLKeyValue',
  );
  let edited = text;
  const missing = new Map(Object.entries(entry));
  for (const key of body.toReversed()) {
    const name = key.path[2] ?? '';
    if (key.path.length > 3) continue;
    const wanted = entry[name];
    missing.delete(name);
    if (wanted === undefined) edited = removeAll(edited, [key]);
    else if (key.value !== undefined) edited = splice(edited, key.value, literal(wanted));
  }
  const lines = [...missing].map(([name, value]) => `${name} = ${literal(value)}`);
  return insertAfterLine(edited, table.key[1], lines);
}

function insert(text: string, task: Task, entry: Table): string {
  const keys = locateKeys(text);
  const line = `${task} = ${inline(entry)}`;
  const header = keys.find(
    ({ path, node }) => node.type === 'TOMLTable' && path.length === 1 && path[0] === 'task_models',
  );
  if (header !== undefined) {
    const last = keys
      .filter(({ path, node }) => path[0] === 'task_models' && path.length === 2 && node.parent === header.node)
      .at(-1);
    return insertAfterLine(text, last?.node.range[1] ?? header.key[1], [line]);
  }
  const whole = keys.find(({ path, value }) => value !== undefined && path.length === 1 && path[0] === 'task_models');
  if (whole?.value !== undefined) {
    const models = parse(text)['task_models'];
    return splice(text, whole.value, inline({ ...(isTable(models) ? models : {}), [task]: entry }));
  }
  const end = eol(text);
  const gap = text === '' ? '' : text.endsWith('\n') ? end : `${end}${end}`;
  return `${text}${gap}[task_models]${end}${line}${end}`;
}

/** Removes keys and whole tables with their lines, including comments on those lines. */
function removeAll(text: string, keys: readonly Located[]): string {
  let edited = text;
  for (const { node } of keys.toReversed()) {
    if (node.type === 'TOMLKeyValue' && node.parent.type === 'TOMLInlineTable') continue;
    const from = text.lastIndexOf('\n', node.range[0] - 1) + 1;
    const newline = text.indexOf('\n', node.type === 'TOMLTable' ? node.key.range[1] : node.range[1]);
    edited = edited.slice(0, from) + (newline < 0 ? '' : edited.slice(newline + 1));
  }
  return edited;
}

function insertAfterLine(text: string, offset: number, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const end = eol(text);
  const newline = text.indexOf('\n', offset);
  const at = newline < 0 ? text.length : newline + 1;
  return `${text.slice(0, at)}${newline < 0 ? end : ''}${lines.join(end)}${end}${text.slice(at)}`;
}

const splice = (text: string, [from, to]: readonly [number, number], put: string): string =>
  text.slice(0, from) + put + text.slice(to);
const eol = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/**
 * Sets which agent does which task in `config.toml`, keeping comments and order. Creates the file if it is missing. Two
 * windows may do this at once: the run lock does not cover this file, so a lock of its own does.
 * @param file absolute path, in an existing `.weld`
 * @throws WeldError `CONFIG_INVALID`, `DAMAGED_FILE`, `NOT_WRITABLE`, `DISK_FULL`
 */
export async function writeTaskModels(file: string, changes: TaskModelChanges): Promise<void> {
  const release = await guard(file);
  try {
    const text = (await readText(file)) ?? defaultConfigToml();
    const { config, problems } = checkConfig(text);
    if (config === null) throw invalid(file, problems);
    const edited = editTaskModels(text, changes);
    const after = checkConfig(edited);
    if (after.config === null) throw invalid(file, after.problems);
    if (edited !== text) await replace(file, edited);
  } catch (error) {
    throw writeError(file, error);
  } finally {
    await release();
  }
}

/** Replaces a file and keeps its permissions; on any failure the old content stays. */
async function replace(file: string, text: string): Promise<void> {
  const old = await lstat(file);
  if (old !== null && !old.isFile())
    throw new WeldError(
      'DAMAGED_FILE',
      `${file} is not a regular file; restore it from a backup or remove it, Weld does not overwrite it.`,
    );
  const built = `${file}.${randomUUID()}.tmp`;
  await writeAside(built, file, text, async () => {
    if (old !== null) {
      // Without the right to change the owner the file becomes ours, as in any editor.
      await fs.chown(built, old.uid, old.gid).catch(() => undefined);
      await fs.chmod(built, old.mode & 0o7777);
    }
    await fs.rename(built, file);
  });
}

async function guard(file: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(file, {
      realpath: false,
      stale: 10_000,
      retries: { retries: 40, minTimeout: 20, maxTimeout: 250 },
    });
  } catch (error) {
    if (isErrno(error, 'ELOCKED'))
      throw new WeldError(
        'NOT_WRITABLE',
        `${path.basename(file)} is being changed by another window; try again in a moment.`,
        { cause: error },
      );
    throw writeError(file, error);
  }
}
