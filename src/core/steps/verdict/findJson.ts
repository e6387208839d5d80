/** Maximum number of search steps per character. It limits the time for text with a great many braces. */
const STEPS_PER_CHARACTER = 12;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface FoundObject {
  readonly value: JsonObject;
  /** Position in the text, in UTF-16 units; `end` is the index after the closing brace. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the outermost JSON objects in free text, fenced or not, in order. Text that is not JSON is skipped.
 * @returns null if the text has too many braces to search it in reasonable time
 */
export function findJsonObjects(text: string): FoundObject[] | null {
  const objects: FoundObject[] = [];
  let steps = 0;
  for (let at = text.indexOf('{'); at !== -1; ) {
    const end = mayBegin(text, at) ? closing(text, at) : -1;
    steps += end === -1 ? (mayBegin(text, at) ? text.length - at : 1) : end - at;
    if (steps > STEPS_PER_CHARACTER * text.length + 1000) return null;
    const value = end === -1 ? undefined : parseObject(text.slice(at, end + 1));
    if (value) objects.push({ value, start: at, end: end + 1 });
    at = text.indexOf('{', value ? end + 1 : at + 1);
  }
  return objects;
}

/** Whether a key or the closing brace follows, as in JSON. After most braces in code and prose, neither does. */
function mayBegin(text: string, open: number): boolean {
  let at = open + 1;
  while (at < text.length && at < open + 1000 && /\s/u.test(text.charAt(at))) at++;
  const next = text.charAt(at);
  return next === '"' || next === '}';
}

/** Returns the index of the brace that closes the one at `open`, or -1. */
function closing(source: string, open: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = open; at < source.length; at++) {
    const character = source.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at++;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b) depth++;
    else if (character === 0x7d && --depth === 0) return at;
  }
  return -1;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds a key that occurs twice in one object of valid JSON, ignoring case. A parser takes the last of the two values,
 * but nobody knows which one was meant.
 */
export function doubledKey(json: string): string | undefined {
  const keys: Set<string>[] = [];
  for (const token of json.matchAll(/[{}]|"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gu)) {
    if (token[0] === '{') keys.push(new Set());
    else if (token[0] === '}') keys.pop();
    else if (token[1] !== undefined) {
      const key = keyOf(token[0].slice(0, -token[1].length));
      if (keys.at(-1)?.has(key)) return key;
      keys.at(-1)?.add(key);
    }
  }
  return undefined;
}

const keyOf = (quoted: string): string => String(JSON.parse(quoted)).trim().toLowerCase();

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
