import { describeConfig, describeKey, locateKeys, type KeyDescription, type Located } from '../../core/config';
import type { OpenDocument } from '../documents';

/** Where in the settings a position is, as far as an unfinished line tells. */
export type ConfigContext =
  | { readonly kind: 'header'; readonly typed: string }
  | { readonly kind: 'key'; readonly table: readonly string[]; readonly typed: string; readonly inline: boolean }
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly typed: string };

const HEADER = /^\s*\[{1,2}\s*([^\]#]*)/u;

/** Reads the line up to the position and the headers above; the text need not be valid TOML. */
export function contextAt(document: OpenDocument, line: number, character: number): ConfigContext | null {
  const before = document.line(line).slice(0, character);
  if (/^\s*#/u.test(before)) return null;
  const header = /^\s*\[\s*([^\]]*)$/u.exec(before);
  if (header !== null && !before.includes('=')) return { kind: 'header', typed: (header[1] ?? '').trim() };
  const table = tableAbove(document, line);
  const inline = /^\s*([\w.-]+)\s*=\s*\{(.*)$/u.exec(before);
  if (inline !== null && !(inline[2] ?? '').includes('}')) {
    const own = [...table, ...(inline[1] ?? '').split('.')];
    const last = (inline[2] ?? '').split(',').at(-1) ?? '';
    return pairContext(last, own, true);
  }
  return pairContext(before, table, false);
}

function pairContext(text: string, table: readonly string[], inline: boolean): ConfigContext | null {
  const value = /^\s*([\w.-]+)\s*=\s*(.*)$/u.exec(text);
  if (value !== null) return { kind: 'value', path: [...table, ...(value[1] ?? '').split('.')], typed: value[2] ?? '' };
  const key = /^\s*([\w.-]*)$/u.exec(text);
  return key === null ? null : { kind: 'key', table, typed: key[1] ?? '', inline };
}

function tableAbove(document: OpenDocument, line: number): readonly string[] {
  for (let at = line - 1; at >= 0; at--) {
    const match = HEADER.exec(document.line(at));
    if (match !== null) return (match[1] ?? '').split('.').map((part) => part.trim().replace(/^["']|["']$/gu, '')).filter((part) => part !== '');
  }
  return [];
}

/** The key whose name or value stands at an offset. */
export function keyAt(document: OpenDocument, offset: number): { readonly key: Located; readonly description: KeyDescription } | null {
  let found: Located | undefined;
  for (const key of locateKeys(document.text.getText())) {
    const [from, to] = [key.key[0], key.value?.[1] ?? key.key[1]];
    if (from <= offset && offset <= to) found = key;
  }
  const description = found === undefined ? undefined : found.path.length === 0 ? describeConfig() : describeKey(found.path);
  return found === undefined || description === undefined ? null : { key: found, description };
}
