/** Characters from the end that are looked at: a verdict is short, and an answer may be endless. */
const WINDOW = 2_000_000;
/** Characters stepped over in all, so that a text of nothing but braces ends in time. */
const MAX_STEPS = 20_000_000;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface FoundObject {
  readonly value: JsonObject;
  /** Where the text goes on after it, in UTF-16 units of the whole text. */
  readonly end: number;
}

/** Finds the outermost JSON objects in free text, fenced or not, in their order; what is not JSON is skipped. Never throws. */
export function findJsonObjects(text: string): FoundObject[] {
  const source = text.length > WINDOW ? text.slice(-WINDOW) : text;
  const skipped = text.length - source.length;
  const objects: FoundObject[] = [];
  let steps = 0;
  for (let at = source.indexOf('{'); at !== -1; ) {
    const end = closing(source, at);
    steps += (end === -1 ? source.length : end) - at;
    const value = end === -1 ? undefined : parseObject(source.slice(at, end + 1));
    if (value) objects.push({ value, end: skipped + end + 1 });
    if (steps > MAX_STEPS) return [];
    at = source.indexOf('{', value ? end + 1 : at + 1);
  }
  return objects;
}

/** The index of the brace that closes the one at `open`, or -1. */
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

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
