import type { Position } from 'vscode-languageserver/node';
import { describeConfig, describeKey, type KeyDescription, type Located, locateKeys } from '../../core/config';
import type { Range } from '../../core/plan';
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
  const header = /^\s*\[([^\]]*)$/u.exec(before);
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
  const value = /^\s*([\w.-]+)\s*=(.*)$/u.exec(text);
  if (value !== null)
    return { kind: 'value', path: [...table, ...(value[1] ?? '').split('.')], typed: (value[2] ?? '').trimStart() };
  const key = /^\s*([\w.-]*)$/u.exec(text);
  return key === null ? null : { kind: 'key', table, typed: key[1] ?? '', inline };
}

function tableAbove(document: OpenDocument, line: number): readonly string[] {
  for (let at = line - 1; at >= 0; at--) {
    const match = HEADER.exec(document.line(at));
    if (match !== null)
      return (match[1] ?? '')
        .split('.')
        .map((part) => part.trim().replace(/^["']|["']$/gu, ''))
        .filter((part) => part !== '');
  }
  return [];
}

/** The plain keys that stand below a table's header, line by line. */
export function keysBelow(document: OpenDocument, table: string): readonly string[] {
  const found: string[] = [];
  let inside = false;
  for (let at = 0; at < document.text.lineCount; at++) {
    const line = document.line(at);
    const header = /^\s*\[{1,2}\s*([\w.-]+)\s*\]/u.exec(line);
    if (header !== null) inside = header[1] === table;
    const key = inside ? /^\s*(?:"([\w.-]+)"|([\w-]+))\s*=/u.exec(line) : null;
    if (key !== null) found.push(key[1] ?? key[2] ?? '');
  }
  return found;
}

interface KeyAt {
  readonly path: readonly string[];
  readonly range: Range;
  readonly description: KeyDescription;
}

/** The key whose name or value stands at a position. */
export function keyAt(document: OpenDocument, position: Position): KeyAt | null {
  const offset = document.text.offsetAt(position);
  const keys = locateKeys(document.text.getText());
  if (keys.length === 0) return keyInLine(document, position);
  let found: Located | undefined;
  for (const key of keys) {
    const [from, to] = [key.key[0], key.value?.[1] ?? key.key[1]];
    if (from <= offset && offset <= to) found = key;
  }
  const description =
    found === undefined ? undefined : found.path.length === 0 ? describeConfig() : describeKey(found.path);
  if (found === undefined || description === undefined) return null;
  return {
    path: found.path,
    range: { start: document.text.positionAt(found.key[0]), end: document.text.positionAt(found.key[1]) },
    description,
  };
}

/** By the line alone, where something else keeps the text from being valid. */
function keyInLine(document: OpenDocument, { line, character }: Position): KeyAt | null {
  const text = document.line(line);
  const from = character - (/(?<![\w.-])[\w.-]+$/u.exec(text.slice(0, character))?.[0].length ?? 0);
  const to = character + (/^[\w.-]*/u.exec(text.slice(character))?.[0].length ?? 0);
  const context = from === to ? null : contextAt(document, line, to);
  if (context === null) return null;
  const path =
    context.kind === 'value'
      ? context.path
      : [...(context.kind === 'key' ? context.table : []), ...context.typed.split('.')];
  const description = describeKey(path);
  return description === undefined
    ? null
    : { path, range: { start: { line, character: from }, end: { line, character: to } }, description };
}
