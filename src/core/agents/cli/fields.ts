import * as path from 'node:path';

/** What an event of a program may hold; every field is somebody else's word and is checked where it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** A number that can be counted with: finite and not negative. */
export const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** One line of at most `longest` characters. */
export function oneLine(value: string, longest = 200): string {
  const flat = value
    .slice(0, longest * 4)
    .replace(/\s+/gu, ' ')
    .trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1)}…` : flat;
}

/** Paths below the repository are shown relative to it. */
export const relativeTo = (top: string, value: string): string =>
  value.startsWith(top + path.sep) ? value.slice(top.length + 1) : value;
