import { type AST, parseTOML } from 'toml-eslint-parser';

/** Where a key stands: offsets in UTF-16 units, lines and columns from 1. */
export interface Located {
  readonly path: readonly string[];
  readonly line: number;
  readonly column: number;
  /** The last part of the key itself. */
  readonly key: readonly [from: number, to: number];
  /** Absent for a table's header. */
  readonly value?: readonly [from: number, to: number];
  readonly node: AST.TOMLKeyValue | AST.TOMLTable;
}

/** Every key and table of a TOML text in order; nothing when the text is not valid. */
export function locateKeys(text: string): readonly Located[] {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch {
    return [];
  }
  const found: Located[] = [];
  const pairs = (body: readonly AST.TOMLKeyValue[], above: readonly string[]): void => {
    for (const pair of body) {
      const path = [...above, ...pair.key.keys.map(nameOf)];
      found.push({ path, ...place(pair.key), value: pair.value.range, node: pair });
      if (pair.value.type === 'TOMLInlineTable') pairs(pair.value.body, path);
    }
  };
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') pairs([node], []);
    else {
      const path = node.resolvedKey.map(String);
      found.push({ path, ...place(node.key), node });
      pairs(node.body, path);
    }
  }
  return found;
}

/** The key of a dotted path, or the nearest table above it. */
export function locateKey(keys: readonly Located[], path: readonly string[]): Located | undefined {
  for (let length = path.length; length > 0; length--) {
    const wanted = path.slice(0, length);
    const found = keys.find((key) => key.path.length === length && wanted.every((part, at) => key.path[at] === part));
    const below = found ?? (length === path.length ? keys.find((key) => wanted.every((part, at) => key.path[at] === part)) : undefined);
    if (below !== undefined) return below;
  }
  return undefined;
}

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string => (key.type === 'TOMLBare' ? key.name : key.value);

function place(key: AST.TOMLKey): Pick<Located, 'line' | 'column' | 'key'> {
  const last = key.keys.at(-1) ?? key;
  return { line: last.loc.start.line, column: last.loc.start.column + 1, key: last.range };
}
