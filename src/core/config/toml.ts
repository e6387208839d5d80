export type Table = Readonly<Record<string, unknown>>;

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A table on one line. */
export const inline = (table: Table): string => `{ ${Object.entries(table).map(pair).join(', ')} }`;

/** A key and its value, as one line of TOML. */
export const pair = ([key, value]: readonly [string, unknown]): string =>
  `${/^[\w-]+$/u.test(key) ? key : literal(key)} = ${literal(value)}`;

/** A value as TOML writes it. Half a surrogate pair, which no file can hold, becomes the replacement character. */
export function literal(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll('\u007f', '\\u007f');
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  return isTable(value) ? inline(value) : String(value);
}
