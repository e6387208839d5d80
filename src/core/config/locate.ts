import { type AST, parseTOML } from 'toml-eslint-parser';

/** The position of a key: offsets in UTF-16 units; lines and columns from 1. */
export interface Located {
  readonly path: readonly string[];
  readonly line: number;
  readonly column: number;
  /** Range of the last part of the key itself. */
  readonly key: readonly [from: number, to: number];
  /** Range of the value; absent for a table's header. */
  readonly value?: readonly [from: number, to: number];
  readonly node: AST.TOMLKeyValue | AST.TOMLTable;
}

/**
 * Every key and table of a TOML text in order; empty when the text is invalid or nested too deep. A byte-order mark
 * counts as a character, as in editors.
 */
export function locateKeys(text: string): readonly Located[] {
  const found: Located[] = [];
  try {
    for (const node of parseTOML(text.replace(/^\ufeff/u, ' ')).body[0].body) {
      if (node.type === 'TOMLKeyValue') addPair(found, node, []);
      else {
        const path = node.resolvedKey.map(String);
        found.push({ path, ...place(node.key), node });
        for (const pair of node.body) addPair(found, pair, path);
      }
    }
  } catch {
    return [];
  }
  return found;
}

function addPair(found: Located[], pair: AST.TOMLKeyValue, above: readonly string[]): void {
  const path = [...above, ...pair.key.keys.map(nameOf)];
  found.push({ path, ...place(pair.key), value: pair.value.range, node: pair });
  if (pair.value.type === 'TOMLInlineTable') for (const inner of pair.value.body) addPair(found, inner, path);
}

/** Maximum depth of a key that is indexed: no setting is deeper. */
const MAX_DEPTH = 8;
const indexes = new WeakMap<readonly Located[], ReadonlyMap<string, Located>>();

/**
 * The key at a dotted path. Without such a key: the matching part of the first key below it, else the nearest table
 * above it.
 */
export function locateKey(keys: readonly Located[], path: readonly string[]): Located | undefined {
  let index = indexes.get(keys);
  if (index === undefined) indexes.set(keys, (index = indexOf(keys)));
  for (let length = Math.min(path.length, MAX_DEPTH); length > 0; length--) {
    const found = index.get(nameOfPath(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys by their path: each key itself, else the first one below it. */
function indexOf(keys: readonly Located[]): ReadonlyMap<string, Located> {
  const index = new Map<string, Located>();
  const add = (path: readonly string[], key: Located): void => {
    const name = nameOfPath(path);
    if (!index.has(name)) index.set(name, key);
  };
  for (const key of keys) if (key.path.length <= MAX_DEPTH) add(key.path, key);
  for (const key of keys) {
    const parts = key.node.key.keys;
    const above = key.path.length - parts.length;
    for (let length = Math.max(1, above); length < Math.min(key.path.length, MAX_DEPTH + 1); length++) {
      const part = parts[length - 1 - above];
      add(
        key.path.slice(0, length),
        part === undefined ? key : { ...key, path: key.path.slice(0, length), ...placeOf(part) },
      );
    }
  }
  return index;
}

const nameOfPath = (path: readonly string[]): string => JSON.stringify(path);

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string => (key.type === 'TOMLBare' ? key.name : key.value);

type Spot = Pick<Located, 'line' | 'column' | 'key'>;
const place = (key: AST.TOMLKey): Spot => placeOf(key.keys.at(-1) ?? key);
const placeOf = (part: AST.TOMLKey | AST.TOMLBare | AST.TOMLQuoted): Spot => ({
  line: part.loc.start.line,
  column: part.loc.start.column + 1,
  key: part.range,
});
